import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } };

export interface Weight {
  file: string;
  gzipped: number;
}

const isAdmin = (chunk: Chunk): boolean => chunk.facadeModuleId?.includes('/src/ui/admin/') ?? false;

/**
 * What an annotator's browser loads from a production build of the sources as they are: the entry, every page that is
 * no admin's, what these load (other languages and workers too), and their styles; gzipped bytes. Fonts and pictures
 * are left out. Nothing is written.
 */
export async function annotatorBundle(root: string): Promise<Weight[]> {
  process.env.NODE_ENV = 'production'; // a test runner says something else, and Vite would believe it
  const built = await build({ root, logLevel: 'error', build: { write: false } });
  const outputs = (Array.isArray(built) ? built : [built as Rolldown.RolldownOutput]).flatMap(
    (one) => one.output,
  );
  const files = new Map(outputs.map((one) => [one.fileName, one]));
  const wanted = new Set<string>();
  const visit = (name: string): void => {
    const file = files.get(name);
    if (!file || wanted.has(name)) return;
    if (file.type === 'asset') {
      wanted.add(name);
      return;
    }
    const chunk = file as Chunk;
    if (isAdmin(chunk)) return;
    wanted.add(name);
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next);
    for (const style of chunk.viteMetadata?.importedCss ?? []) visit(style);
    for (const worker of workersIn(chunk.code, files)) visit(worker);
  };
  for (const one of outputs) if (one.type === 'chunk' && one.isEntry) visit(one.fileName);
  return [...wanted]
    .map((name) => ({ file: name, gzipped: gzipSync(contentOf(files.get(name))).length }))
    .sort((a, b) => b.gzipped - a.gzipped);
}

/** Scripts that a chunk starts as workers: named in its text only. */
function workersIn(code: string, files: ReadonlyMap<string, unknown>): string[] {
  return [...files.keys()].filter(
    (name) => /worker.*\.js$/.test(name) && code.includes(name.split('/').pop() ?? name),
  );
}

function contentOf(file: Rolldown.OutputChunk | Rolldown.OutputAsset | undefined): string | Uint8Array {
  if (!file) return '';
  return file.type === 'chunk' ? file.code : file.source;
}
