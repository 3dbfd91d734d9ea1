import sharp from 'sharp';

/**
 * The one place where sharp is set up; the engine's other files take it from here, so none can use it unprepared.
 *
 * - Only the readers of formats that the engine serves are open, and only from memory: the others parse what nobody
 *   asked for (a PDF, a Matlab file, a page of text as an image) or follow names to other files.
 * - No cache: no image is read twice, and what is cached is memory that the next image lacks.
 * - One thread per pipeline: the engine runs several at once, one per vCPU, which keeps all of them busy and makes the
 *   bytes of a thumbnail the same on every machine.
 */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`),
});
sharp.cache(false);
sharp.concurrency(1);

/** Opens the reader of SVG. It stays open for the process: that only an allowed SVG gets to it is for {@link sniff} to see to. */
export function allowSvg(): void {
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
}

export { sharp };
