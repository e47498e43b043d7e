import { apiUrl } from '../api/client';
import { parsedBody, problemFrom, unreachable } from '../api/problem';
import type { Picture } from '../store/pictures';

/** Fetch a picture and decode it off the main thread. The server forbids caching, so it is fetched exactly once. */
export async function loadPicture(url: string): Promise<Picture> {
  let response: Response;
  try {
    response = await fetch(apiUrl(url), { credentials: 'same-origin' });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw problemFrom(response.status, parsedBody(await response.text()));
  const blob = await response.blob();
  const bitmap = await createImageBitmap(blob);
  const address = URL.createObjectURL(blob);
  return {
    source: bitmap,
    width: bitmap.width,
    height: bitmap.height,
    address,
    release() {
      bitmap.close();
      URL.revokeObjectURL(address);
    },
  };
}
