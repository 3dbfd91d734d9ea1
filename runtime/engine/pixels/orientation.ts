import type { Sharp } from 'sharp';
import { pipelineOf, toPixels, firstFrame, type Pixels } from './pixels';

/** sharp operations that undo each EXIF orientation. In a pipeline, sharp mirrors before sharp rotates. */
const OPERATIONS: Readonly<Record<number, (pipeline: Sharp) => Sharp>> = {
  2: (pipeline) => pipeline.flop(),
  3: (pipeline) => pipeline.rotate(180),
  4: (pipeline) => pipeline.flip(),
  5: (pipeline) => pipeline.flip().rotate(90),
  6: (pipeline) => pipeline.rotate(90),
  7: (pipeline) => pipeline.flop().rotate(90),
  8: (pipeline) => pipeline.rotate(270),
};

/** Appends operations to a sharp pipeline that turn an image with an EXIF orientation upright. */
export function upright(pipeline: Sharp, orientation: number): Sharp {
  return OPERATIONS[orientation]?.(pipeline) ?? pipeline;
}

/** Turns an animation upright frame by frame, because sharp would rotate all frames together as one tall image. */
export async function uprightFrames(pixels: Pixels, orientation: number): Promise<Pixels> {
  if (orientation === 1) {
    return pixels;
  }
  const frames: Pixels[] = [];
  for (const frame of framesOf(pixels)) {
    frames.push(await toPixels(upright(pipelineOf(frame), orientation)));
  }
  return { ...(frames[0] ?? pixels), frames: frames.length, data: Buffer.concat(frames.map(({ data }) => data)) };
}

function* framesOf(pixels: Pixels): Generator<Pixels> {
  const frame = firstFrame(pixels);
  for (let at = 0; at < pixels.data.length; at += frame.data.length) {
    yield { ...frame, data: pixels.data.subarray(at, at + frame.data.length) };
  }
}
