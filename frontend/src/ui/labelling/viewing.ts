import { loadPicture } from '../../canvas/pictures';
import { toneWorker } from '../../canvas/toneWorker';
import { ContextPictures } from '../../store/contextPictures';
import { TonedPictures } from '../../store/tonedPictures';
import { Viewing } from '../../store/viewing';
import { signedIn } from '../session.svelte';

let made: { user: number; viewing: Viewing } | null = null;

/** How the signed-in person sees photographs, the same on every labelling page. */
export function viewing(): Viewing {
  const user = signedIn.user?.id ?? 0;
  if (made?.user !== user) made = { user, viewing: new Viewing(user, localStorage) };
  return made.viewing;
}

/** Photographs in that person's tone. The worker behind it starts when a tone is first chosen. */
export const toned = new TonedPictures(toneWorker());

/** Small whole photographs, for the corner of the stage. */
export const contexts = new ContextPictures(loadPicture);
