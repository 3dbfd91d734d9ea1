import { EVENT_DETAIL_TYPES } from '../../../runtime/contract';
import { changeMessage } from '../../../runtime/pipeline';
import { CheckSkipped, expectEqual, expectThat, partOf } from '../check';
import { photo } from '../sample-images';
import type { Check } from '../verify-run';

/** Accepted states of an alarm. An alarm that has no data yet is in the state `INSUFFICIENT_DATA`. */
const ALARM_STATES: readonly (string | undefined)[] = ['OK', 'INSUFFICIENT_DATA'];

/** Checks of events and permissions. These checks do not change state that other checks read. */
export const OPERATION_CHECKS = {
  events: {
    title: 'The pipeline publishes events for ready, rejected and removed images',
    run: async (run) => {
      const subscription = await partOf(run.target.subscribe)(run.prefix);
      try {
        const { key } = await run.putReady('event.jpg', await photo());
        await run.put('event-rejected.jpg', Buffer.from('no image'));
        await run.target.source.delete([key]);
        const missing = new Set<string>(Object.values(EVENT_DETAIL_TYPES));
        await run.waitFor(
          () => `missing events: ${[...missing].join(', ')}`,
          async () => {
            for (const body of await subscription.receive()) {
              missing.delete((JSON.parse(body) as { readonly 'detail-type': string })['detail-type']);
            }
            return missing.size === 0 || undefined;
          },
        );
        return Object.values(EVENT_DETAIL_TYPES).join(', ');
      } finally {
        await subscription.close();
      }
    },
  },
  permissions: {
    title: 'IAM allows the requests of the workers, and denies changes of sources',
    run: async (run) => {
      const results = await partOf(run.target.permissions)();
      const wrong = results.filter(({ isAllowed, expected }) => isAllowed !== expected);
      const list = wrong.map(({ action, resource, isAllowed }) =>
        [isAllowed ? 'allowed' : 'denied', action, 'on', resource].join(' '),
      );
      expectThat(wrong.length === 0, list.join(', '));
      return `${results.length} simulated requests`;
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

/** Checks that must run one at a time after all other checks. */
export const FINAL_CHECKS = {
  'dead-letters': {
    title: 'The dead-letter queue is empty',
    run: async (run) => {
      const count = await partOf(run.target.queue).deadLetters();
      expectEqual('messages in the dead-letter queue', count, 0);
      return 'no messages';
    },
  },
  redrive: {
    title: 'A redrive processes the messages of the dead-letter queue',
    run: async (run) => {
      const queue = partOf(run.target.queue);
      if ((await queue.deadLetters()) > 0) {
        throw new CheckSkipped('the dead-letter queue contains messages, which the redrive would move');
      }
      const { settings, thumbnails } = run.target;
      const image = await run.putReady('redrive.jpg', await photo());
      const { files, folder } = await run.state(image.key, 'current');
      await thumbnails.delete(Object.keys(files).map((file) => `${folder}/${file}`));
      await queue.addDeadLetter(changeMessage(settings.sourceLocation.name, image.key));
      await queue.redrive();
      await run.readyManifest(image.key);
      return 'deleted thumbnails created again';
    },
  },
  alarms: {
    title: 'No alarm of the stack is in the state ALARM',
    run: async (run) => {
      const alarms = await partOf(run.target.alarms)();
      const wrong = alarms.filter(({ state }) => !ALARM_STATES.includes(state));
      const list = wrong.map(({ name, state }) => `${name}: ${state ?? 'does not exist'}`);
      expectThat(wrong.length === 0, list.join(', '));
      return `${alarms.length} alarms`;
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
