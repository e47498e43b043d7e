import { sentenceOf } from '../api/problem';
import { t } from '../i18n';
import type { PictureLoader } from './pictures';
import { pictureUrl, type WorkEntry } from './workEntry';

/** Loads and decodes the pictures of held items, so that showing the next item only draws it. */
export class PicturesAhead {
  readonly #loading = new WeakSet<WorkEntry>();

  constructor(
    private readonly load: PictureLoader,
    private readonly onChange: () => void,
  ) {}

  /** Decode those that have no picture yet; one that failed stays so until `again`. */
  prepare(entries: readonly WorkEntry[]): void {
    for (const entry of entries) {
      const isSettled = entry.picture !== null || entry.pictureFailure !== null;
      if (!isSettled && !this.#loading.has(entry)) void this.again(entry);
    }
  }

  async again(entry: WorkEntry): Promise<void> {
    this.#loading.add(entry);
    try {
      entry.picture = await this.load(pictureUrl(entry.session.item));
      entry.pictureFailure = null;
    } catch (error) {
      entry.pictureFailure = t('labelling.pictureFailed', { reason: sentenceOf(error) });
    } finally {
      this.#loading.delete(entry);
    }
    this.onChange();
  }
}
