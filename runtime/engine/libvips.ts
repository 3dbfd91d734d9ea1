import sharp from 'sharp';

/**
 * Configures sharp. All other modules of the engine import sharp from this module. Therefore, the configuration always applies.
 *
 * - Only the loaders that read supported formats from memory are enabled. Other loaders read unsupported formats such as PDF,
 *   or open files by name.
 * - The operation cache is disabled, because the engine reads no image twice, and the cache would occupy memory.
 * - Each pipeline uses one thread. The engine already runs one pipeline per vCPU. With one thread, the bytes of a thumbnail do
 *   not depend on the number of vCPUs.
 */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`),
});
sharp.cache(false);
sharp.concurrency(1);

/** Enables the SVG loader until the process ends. Therefore, callers must check `allowSvg` for every image. */
export function enableSvgLoader(): void {
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
}

export { sharp };
