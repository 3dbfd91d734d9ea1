import { formatCount } from '../shared/format';
import { notify } from '../shared/notice';
import { messageOf, request } from '../shared/requests';

/** Moves images to the trash. Shows a notice with a button that restores the images. */
export async function deleteImages(keys: readonly string[], reload: () => void): Promise<void> {
  try {
    const { body } = await request<{ keys: readonly string[] }>('/trash', { body: { keys } });
    const [first] = body.keys;
    notify({
      text: body.keys.length === 1 ? `Deleted ${first}.` : `Deleted ${formatCount(body.keys.length)} images.`,
      action: { label: 'Undo', run: () => void restoreImages(body.keys, reload) },
    });
  } catch (error) {
    notify({ text: `The images are not deleted: ${messageOf(error)}`, isError: true });
  }
  reload();
}

async function restoreImages(keys: readonly string[], reload: () => void): Promise<void> {
  try {
    const { body } = await request<{ keys: readonly string[] }>('/trash/restore', { body: { keys } });
    const missing = keys.length - body.keys.length;
    notify({
      text:
        missing > 0
          ? `Restored ${formatCount(body.keys.length)} images; ${formatCount(missing)} already have a replacement.`
          : keys.length === 1
            ? `Restored ${keys[0]}.`
            : `Restored ${formatCount(keys.length)} images.`,
    });
  } catch (error) {
    notify({ text: `The images are not restored: ${messageOf(error)}`, isError: true });
  }
  reload();
}
