import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import type { EventPublishError } from '../../../runtime/events';
import { EventBridgePublisher, HttpPublisher, type ThumbnailEvent } from '../../../runtime/events';

const EVENT: ThumbnailEvent = {
  version: 1,
  pipeline: 'Stack/Photos',
  status: 'removed',
  time: '2026-11-28T10:00:00.000Z',
  source: { bucket: 'photos', key: 'a b.jpg' },
};

describe('EventBridgePublisher', () => {
  const client = mockClient(EventBridgeClient);
  const publisher = new EventBridgePublisher('default', new EventBridgeClient({ region: 'eu-west-1' }));
  beforeEach(() => client.reset());

  test('the publisher sends the event as the detail of one entry', async () => {
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
    await publisher.publish(EVENT);
    expect(client.commandCalls(PutEventsCommand).map(({ args }) => args[0].input)).toEqual([
      {
        Entries: [
          {
            EventBusName: 'default',
            Source: 'cdk-thumbnails',
            DetailType: 'Thumbnails Removed',
            Detail: JSON.stringify(EVENT),
          },
        ],
      },
    ]);
  });

  test('a rejected entry is a retryable failure, even if the request succeeds', async () => {
    client
      .on(PutEventsCommand)
      .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] });
    await expect(publisher.publish(EVENT)).rejects.toMatchObject({
      name: 'EventPublishError',
      code: 'event-not-published',
      retryable: true,
      message: expect.stringContaining('ThrottlingException') as string,
    });
  });

  test('a failed request is a retryable failure with its cause', async () => {
    const error = new Error('connection reset');
    client.on(PutEventsCommand).rejects(error);
    await expect(publisher.publish(EVENT)).rejects.toMatchObject({ code: 'event-not-published', cause: error });
  });
});

describe('HttpPublisher', () => {
  function open(...responses: (number | Error)[]) {
    const requests: { url: string; init: RequestInit }[] = [];
    const waits: number[] = [];
    const publisher = new HttpPublisher({
      url: 'https://example.com/hook?secret=1',
      token: 'token',
      fetch: (url, init) => {
        requests.push({ url: url as string, init: init! });
        const response = responses.shift()!;
        return typeof response === 'number'
          ? Promise.resolve(new Response(null, { status: response }))
          : Promise.reject(response);
      },
      wait: (milliseconds) => Promise.resolve(waits.push(milliseconds)),
    });
    return { requests, waits, publisher };
  }

  test('the publisher sends a CloudEvent with a bearer token', async () => {
    const { requests, publisher } = open(204);
    await publisher.publish(EVENT);
    const [{ url, init }] = requests as [{ url: string; init: RequestInit }];
    expect(url).toBe('https://example.com/hook?secret=1');
    expect(init).toMatchObject({
      method: 'POST',
      redirect: 'error',
      headers: { 'Content-Type': 'application/cloudevents+json; charset=UTF-8', Authorization: 'Bearer token' },
    });
    expect(JSON.parse(init.body as string)).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[\da-f]{64}$/) as string,
      source: 'cdk-thumbnails/Stack/Photos',
      type: 'cdk-thumbnails.removed.v1',
      subject: 'a b.jpg',
      time: EVENT.time,
      datacontenttype: 'application/json',
      data: EVENT,
    });
  });

  test('all repetitions of an event have one id', async () => {
    const { requests, publisher } = open(200, 200, 200);
    await publisher.publish(EVENT);
    await publisher.publish(EVENT);
    await publisher.publish({ ...EVENT, time: '2026-11-28T10:00:01.000Z' });
    const ids = requests.map(({ init }) => (JSON.parse(init.body as string) as { readonly id: string }).id);
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false]);
  });

  test.each([503, 429, 408, new TypeError('fetch failed')])('the publisher retries after %s', async (response) => {
    const { requests, waits, publisher } = open(response, response, 202);
    await publisher.publish(EVENT);
    expect(requests).toHaveLength(3);
    expect(waits).toEqual([200, 1000]);
  });

  test.each([[[400]], [[503, 503, 503]]])(
    'the error after the responses %j does not contain the URL',
    async (responses) => {
      const { requests, publisher } = open(...responses);
      const error = await publisher.publish(EVENT).catch((thrown: unknown) => thrown as EventPublishError);
      expect(error).toMatchObject({ code: 'event-not-published', retryable: true });
      expect((error as Error).message).not.toContain('secret');
      expect(requests).toHaveLength(responses.length);
    },
  );
});
