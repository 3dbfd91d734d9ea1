import type { Sharp } from 'sharp';
import { firstFrame, pipelineOf, toPixels, type Pixels } from './pixels';

/** What brings a picture upright that is stored in an EXIF orientation; mirroring comes before turning. */
const TURNS: Readonly<Record<number, (pipeline: Sharp) => Sharp>> = {
  2: (pipeline) => pipeline.flop(),
  3: (pipeline) => pipeline.rotate(180),
  4: (pipeline) => pipeline.flip(),
  5: (pipeline) => pipeline.flip().rotate(90),
  6: (pipeline) => pipeline.rotate(90),
  7: (pipeline) => pipeline.flop().rotate(90),
  8: (pipeline) => pipeline.rotate(270),
};

/** Ends a pipeline by bringing upright what is stored in an EXIF orientation. */
export function upright(pipeline: Sharp, orientation: number): Sharp {
  return TURNS[orientation]?.(pipeline) ?? pipeline;
}

/** Turns a moving picture upright, frame by frame: sharp itself would turn all of them as one tall picture. */
export async function uprightFrames(picture: Pixels, orientation: number): Promise<Pixels> {
  if (orientation === 1) {
    return picture;
  }
  const frames: Pixels[] = [];
  for (const frame of framesOf(picture)) {
    frames.push(await toPixels(upright(pipelineOf(frame), orientation)));
  }
  return { ...(frames[0] ?? picture), frames: frames.length, data: Buffer.concat(frames.map(({ data }) => data)) };
}

function* framesOf(picture: Pixels): Generator<Pixels> {
  const frame = firstFrame(picture);
  for (let at = 0; at < picture.data.length; at += frame.data.length) {
    yield { ...frame, data: picture.data.subarray(at, at + frame.data.length) };
  }
}
