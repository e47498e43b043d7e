/** Files a person dropped or chose, each with its name inside the chosen folder ("holiday/beach.jpg"). */
export interface PickedFile {
  file: File;
  path: string;
}

export const fromInput = (files: FileList | null): PickedFile[] =>
  [...(files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });

/** A folder's entries come in portions; an empty portion is the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

async function walk(entry: FileSystemEntry): Promise<PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) return [{ file: await fileOf(entry as FileSystemFileEntry), path }];
  if (!entry.isDirectory) return [];
  const below = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(below.map(walk))).flat();
}

/** Everything in a drop: files as they are, folders with all that lies in them. */
export async function fromDrop(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return fromInput(transfer.files);
  return (await Promise.all(entries.map(walk))).flat();
}

/** The files already there and the new ones; the same path again replaces the earlier file. */
export function merged(before: PickedFile[], added: PickedFile[]): PickedFile[] {
  const byPath = new Map(before.map((one) => [one.path, one]));
  for (const one of added) byPath.set(one.path, one);
  return [...byPath.values()];
}
