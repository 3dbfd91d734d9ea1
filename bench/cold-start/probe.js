'use strict';
// Simulates a cold start on Lambda: loads the function and invokes it with two events.
//   node probe.js BUNDLE EVENTS: sends CPU and wall milliseconds since process start to the parent process
const { readFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

const marks = [mark('runtime')];
const [bundle, events] = process.argv.slice(2);

function mark(name) {
  const { user, system } = process.cpuUsage();
  return { name, cpu: (user + system) / 1000, wall: performance.now() };
}

async function main() {
  // sharp is resolved from the folder of the bundle, not from that of this script.
  require(require.resolve('sharp', { paths: [bundle] }));
  marks.push(mark('sharp'));
  const { handler } = require(bundle);
  marks.push(mark('imports'));
  for (const event of JSON.parse(readFileSync(events, 'utf8'))) {
    const context = {
      functionName: 'probe',
      awsRequestId: 'probe',
      memoryLimitInMB: '1769',
      getRemainingTimeInMillis: () => 60000,
    };
    const result = await handler(event, context);
    const failed = result.batchItemFailures?.length > 0 || (result.statusCode ?? 200) >= 300;
    if (failed) {
      throw new Error(JSON.stringify(result).slice(0, 500));
    }
    marks.push(mark('job'));
  }
  process.send({ marks, memory: process.resourceUsage().maxRSS / 1024 });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
