import sharp from 'sharp';

/**
 * Configures sharp. All other modules of the engine import sharp from this module. The configuration therefore always applies.
 *
 * - Only the loaders of supported formats are enabled, and only from memory. Other loaders parse unsupported formats (PDF,
 *   MATLAB, CSV) or open files by name.
 * - The operation cache is disabled. The engine reads no image twice, and the cache would reduce the memory for the next image.
 * - Each pipeline uses one thread. The engine runs one pipeline per vCPU, and the bytes of a thumbnail do not depend on
 *   the number of vCPUs.
 */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`),
});
sharp.cache(false);
sharp.concurrency(1);

/** Enables the SVG loader for the rest of the process. Callers must check `allowSvg` for every image. */
export function enableSvgLoader(): void {
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
}

export { sharp };
