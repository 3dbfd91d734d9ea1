import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { readChangedObjects, Pipeline, type Reconcile } from '../../../runtime/pipeline';
import { eventProgramOf } from '../../../runtime/program/event-program';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from '../pipeline/fakes';

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/photos';

function open() {
  const settings = settingsWith();
  const source = new MemoryObjectStore();
  const pipeline = new Pipeline({ source, thumbnails: new MemoryObjectStore(), settings, render: fakeRender });
  return { settings, source, pipeline };
}

test('the event program returns the given functions unchanged if events are disabled', () => {
  const reconcile: Reconcile = () => Promise.resolve({ status: 'ignored', key: 'a' });
  const events = eventProgramOf(open(), { target: undefined, queueUrl: undefined, pipeline: 'p' });
  expect([events.forMessages(reconcile), events.forRequests(reconcile)]).toEqual([reconcile, reconcile]);
  expect(events.sendKey).toBeUndefined();
});

test('before it renders a requested image, the event program sends the key to the queue as a delayed message', async () => {
  const program = open();
  await program.source.put('a b.jpg', Buffer.from('v1'), { contentType: 'image/jpeg' });
  const client = mockClient(SQSClient);
  client.on(SendMessageCommand).callsFake(async () => {
    expect(await program.pipeline.manifest('a b.jpg')).toBeUndefined();
    return {};
  });
  const events = eventProgramOf(program, { target: undefined, queueUrl: QUEUE_URL, pipeline: 'p' });
  expect(await events.forRequests(program.pipeline.reconcile)('a b.jpg')).toMatchObject({ status: 'made' });
  const { QueueUrl, DelaySeconds, MessageBody } = client.commandCalls(SendMessageCommand)[0]!.args[0].input;
  expect({ QueueUrl, DelaySeconds }).toEqual({ QueueUrl: QUEUE_URL, DelaySeconds: 30 });
  expect(readChangedObjects(MessageBody!)).toEqual([
    { bucket: program.settings.sourceLocation.name, key: 'a b.jpg', announce: true },
  ]);
  client.restore();
});

test('a request fails if the queue does not accept the key', async () => {
  const program = open();
  await program.source.put('a.jpg', Buffer.from('v1'), { contentType: 'image/jpeg' });
  const client = mockClient(SQSClient);
  client.on(SendMessageCommand).rejects(new Error('denied'));
  const events = eventProgramOf(program, { target: undefined, queueUrl: QUEUE_URL, pipeline: 'p' });
  await expect(events.forRequests(program.pipeline.reconcile)('a.jpg')).rejects.toMatchObject({
    code: 'message-not-queued',
  });
  expect(await program.pipeline.manifest('a.jpg')).toBeUndefined();
  client.restore();
});
