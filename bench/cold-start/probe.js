'use strict';
// One start of a function, as the platform's runtime does it: load the door, then hand it one event, and another one.
//   node probe.js DOOR EVENTS: writes milliseconds of CPU and of the clock, since the process began, to its parent
const { readFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

const marks = [mark('runtime')];
const [door, events] = process.argv.slice(2);

function mark(name) {
  const { user, system } = process.cpuUsage();
  return { name, cpu: (user + system) / 1000, wall: performance.now() };
}

async function main() {
  // Node's own modules do not find what lies beside the door, sharp is found from there.
  require(require.resolve('sharp', { paths: [door] }));
  marks.push(mark('sharp'));
  const { handler } = require(door);
  marks.push(mark('imports'));
  for (const event of JSON.parse(readFileSync(events, 'utf8'))) {
    const context = {
      functionName: 'probe',
      awsRequestId: 'probe',
      memoryLimitInMB: '1769',
      getRemainingTimeInMillis: () => 60000,
    };
    const answer = await handler(event, context);
    const failed = answer.batchItemFailures?.length > 0 || (answer.statusCode ?? 200) >= 300;
    if (failed) {
      throw new Error(JSON.stringify(answer).slice(0, 500));
    }
    marks.push(mark('job'));
  }
  process.send({ marks, memory: process.resourceUsage().maxRSS / 1024 });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
