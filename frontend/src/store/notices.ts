export interface Notice {
  id: number;
  message: string;
}

/** Messages that stay until the person has read them away. */
export class Notices {
  #all: readonly Notice[] = [];
  #next = 1;

  constructor(private readonly onChange: () => void) {}

  get all(): readonly Notice[] {
    return this.#all;
  }

  add(message: string): void {
    this.#all = [...this.#all, { id: this.#next++, message }];
    this.onChange();
  }

  dismiss(id: number): void {
    this.#all = this.#all.filter((notice) => notice.id !== id);
    this.onChange();
  }
}
