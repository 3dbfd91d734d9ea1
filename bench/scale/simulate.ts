import { Heap } from './heap';

// The constants are local, because global variables are slow in the sandbox of Jest.
const { ceil, cos, exp, floor, imul, log, max, min, PI, sqrt } = Math;

/** Compute type of a simulation. The compute consists of slots, each of which processes one image at a time. */
export interface SimulatedCompute {
  /** Mean processing time of an image in seconds, without delays by S3 throttling. */
  readonly serviceSeconds: number;
  /** Start time of a new slot in seconds. */
  readonly startSeconds: number;
  /** Seconds between two scaling decisions. */
  readonly scalingSeconds: number;
  /** Returns the number of slots after a scaling decision. */
  slots(state: { readonly seconds: number; readonly backlog: number; readonly slots: number }): number;
}

/** Input of a simulation. */
export interface Scenario {
  readonly images: number;
  /** Number of images that arrive per second. */
  readonly arrivalsPerSecond: number;
  readonly compute: SimulatedCompute;
  /** `PUT` requests of one image. */
  readonly putsPerImage: number;
  /** `PUT` requests per second that the object store accepts. */
  readonly putsPerSecond: number;
  /** Number of images that one simulated event represents. @default 1 */
  readonly quantum?: number;
  readonly seed: number;
}

/** State of the queue at one moment. */
export interface Sample {
  readonly seconds: number;
  /** Number of images that wait in the queue or occupy a slot. */
  readonly backlog: number;
  /** Age of the oldest waiting image in seconds. */
  readonly age: number;
  readonly slots: number;
}

/** Result of a simulation. */
export interface Simulation {
  readonly samples: readonly Sample[];
  /** Time in seconds until the last image is complete. */
  readonly seconds: number;
  /** Total processing time of all images in seconds, including waits for the object store. */
  readonly busySeconds: number;
  /** Total idle and busy time of all slots in seconds. */
  readonly slotSeconds: number;
  readonly peakSlots: number;
  readonly peakBacklog: number;
  readonly peakAge: number;
  /** Fraction of the images that waited for the object store, from 0 to 1. */
  readonly throttled: number;
}

/** Time step of the simulation in seconds. */
const TICK_SECONDS = 0.25;
/**
 * Standard deviation of the logarithm of the service time. With this value, the slowest of 16 photos takes 2.5 times
 * the median.
 */
const SPREAD = 0.5;

/**
 * Simulates queue, compute and object store event by event. Equal seeds result in equal simulations.
 *
 * Images arrive at a constant rate, and the slots process the images in this order. The processing time has a lognormal
 * distribution. The object store accepts a limited number of `PUT` requests per second and delays further requests.
 */
export function simulate(scenario: Scenario): Simulation {
  const { compute, arrivalsPerSecond, putsPerImage, putsPerSecond, quantum = 1 } = scenario;
  const jobs = ceil(scenario.images / quantum);
  const random = randomNumbers(scenario.seed);
  const finishes = new Heap();
  const samples: Sample[] = [];
  const arrivedUntil = (seconds: number): number => min(jobs, floor((seconds * arrivalsPerSecond) / quantum + 1e-9));
  const arrivalOf = (job: number): number => ((job + 1) * quantum) / arrivalsPerSecond;
  let [started, done, slots, pending, storeFree, throttled] = [0, 0, 0, 0, 0, 0];
  let [busySeconds, slotSeconds, peakSlots, peakBacklog, peakAge, end] = [0, 0, 0, 0, 0, 0];
  let [nextScaling, pendingAt] = [0, Infinity];
  const sampleSeconds = max(1, scenario.images / arrivalsPerSecond / 1e4);
  let nextSample = 0;

  const start = (now: number): void => {
    const job = started++;
    const service = quantum * compute.serviceSeconds * lognormal(random, SPREAD / sqrt(quantum));
    const rendered = max(now, arrivalOf(job)) + service;
    const accepted = max(storeFree, rendered - service) + (quantum * putsPerImage) / putsPerSecond;
    storeFree = accepted;
    throttled += accepted > rendered ? 1 : 0;
    const finish = max(rendered, accepted);
    busySeconds += finish - now;
    finishes.push(finish);
  };

  for (let now = 0; done < jobs; now += TICK_SECONDS) {
    // A slot that becomes free within the time step immediately starts to process the next image.
    for (let finish = finishes.peek(); finish !== undefined && finish <= now; finish = finishes.peek()) {
      finishes.pop();
      done += 1;
      end = finish;
      if (started < arrivedUntil(finish) && finishes.size < slots) {
        start(finish);
      }
    }
    const backlog = (arrivedUntil(now) - done) * quantum;
    if (now >= pendingAt) {
      [slots, pendingAt] = [pending, Infinity];
    }
    if (now >= nextScaling) {
      nextScaling += compute.scalingSeconds;
      const wanted = compute.slots({ seconds: now, backlog, slots: max(slots, pending) });
      if (wanted > max(slots, pending)) {
        [pending, pendingAt] = [wanted, min(pendingAt, now + compute.startSeconds)];
      }
    }
    while (finishes.size < slots && started < arrivedUntil(now)) {
      start(now);
    }
    slotSeconds += slots * TICK_SECONDS;
    peakSlots = max(peakSlots, slots);
    peakBacklog = max(peakBacklog, backlog);
    const age = started < arrivedUntil(now) ? now - arrivalOf(started) : 0;
    peakAge = max(peakAge, age);
    if (now >= nextSample) {
      nextSample += sampleSeconds;
      samples.push({ seconds: now, backlog, age, slots });
    }
  }
  return {
    samples,
    seconds: end,
    busySeconds,
    slotSeconds,
    peakSlots,
    peakBacklog,
    peakAge,
    throttled: throttled / jobs,
  };
}

/** Returns a generator of uniform random numbers (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a lognormal number with mean 1. */
function lognormal(random: () => number, deviation: number): number {
  const normal = sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
  return exp(deviation * normal - deviation ** 2 / 2);
}
