import type { AnalysisProvider } from '../contract';
import type { Analyzer } from './analyzer';
import type * as awsClient from './aws-client';
import { CustomCheckAnalyzer, invokeFunction, postToEndpoint, type CheckSigningKey } from './custom-check';
import { RekognitionAnalyzer } from './rekognition-analyzer';
import type { Wait } from './service-requests';

/**
 * Loads `aws-client` on demand, because that module imports the AWS SDK. This is not an `import()`, because its path would
 * require a file extension that only the bundler resolves.
 */
declare function require(path: './aws-client'): typeof awsClient;

/** Options of {@link createAnalyzer}. */
export interface CreateAnalyzerOptions {
  /** Function that returns the key for signing requests to an HTTP endpoint. @default - no signature */
  readonly signingKey?: (() => Promise<CheckSigningKey>) | undefined;
  /** @default - real time */
  readonly wait?: Wait;
}

export function createAnalyzer(settings: AnalysisProvider, { signingKey, wait }: CreateAnalyzerOptions = {}): Analyzer {
  const waiting = wait && { wait };
  switch (settings.provider) {
    case 'rekognition': {
      const send = require('./aws-client').createAwsClient({ service: 'rekognition', region: settings.region });
      return new RekognitionAnalyzer({ settings, send, ...waiting });
    }
    case 'lambda': {
      const { functionArn } = settings;
      const [, , , region] = functionArn.split(':');
      const send = require('./aws-client').createAwsClient({ service: 'lambda', region });
      return new CustomCheckAnalyzer(`the function ${functionArn}`, invokeFunction(functionArn, send, wait));
    }
    case 'http': {
      const { url } = settings;
      return new CustomCheckAnalyzer(
        `the endpoint ${new URL(url).origin}`,
        postToEndpoint({ url, signingKey, ...waiting }),
      );
    }
  }
}
