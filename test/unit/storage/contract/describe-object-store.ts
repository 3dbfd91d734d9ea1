import { describeAvailability } from './availability-tests';
import { describeConsistency } from './consistency-tests';
import { describeKeys } from './key-tests';
import { describeListings } from './listing-tests';
import { describeObjects } from './object-tests';
import type { StoreUnderTest, Subject } from './subject';

/** Limits of an implementation. */
export interface Limits {
  /** Returns whether the object store supports a valid S3 key. @default - supports all keys */
  readonly supports?: (key: string) => boolean;
  /** Number of objects that exceeds one page of a listing. */
  readonly manyObjects: number;
}

/** Defines the tests that every implementation of {@link ObjectStore} must pass. */
export function describeObjectStore(
  name: string,
  open: () => Promise<StoreUnderTest>,
  { supports = () => true, manyObjects }: Limits,
): void {
  describe(name, () => {
    let current: StoreUnderTest;
    beforeEach(async () => {
      current = await open();
    });
    const subject: Subject = () => current;

    describeObjects(subject);
    describeKeys(subject, supports);
    describeListings(subject, manyObjects);
    describeConsistency(subject);
    describeAvailability(subject);
  });
}
