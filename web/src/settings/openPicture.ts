import { settings } from '../text/settings';

const texts = settings.picture;

/** The types of file that can be chosen; what the server reads. */
export const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

/** Largest file that is opened, in bytes. What is sent is a small square of it. */
const mostBytes = 40 << 20;

/** Opens a file as a picture, turned as its camera was held. A text says why that cannot be. The caller owes a close(). */
export async function openPicture(file: File): Promise<ImageBitmap | string> {
  if (file.size > mostBytes) return texts.tooLarge(mostBytes >> 20);
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    return texts.unreadable(file.name);
  }
}
