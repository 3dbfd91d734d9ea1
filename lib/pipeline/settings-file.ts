import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FileAssetPackaging, Stack, Stage, Token } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { CORE_VARIABLES } from '../../runtime/contract';
import { grantReadObject } from '../private/permissions';
import { toJson } from '../private/stacks';
import { type ImageProps, ruleEntriesOf, thumbnailsOf } from '../thumbnail/image-settings';
import { limitSettings } from '../thumbnail/limit-validation';

/**
 * Maximum size of settings in environment variables, in bytes. The library stores larger settings in a file, because Lambda
 * limits all environment variables together to 4 KB, and the variables without settings require up to 2 KB.
 */
const MAX_INLINE_BYTES = 2048;

/** Environment variables with the settings of a pipeline, and the grant that the runtime requires to read these settings. */
export interface SettingsVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Grants permission to read the settings file. Has no effect if the settings are not in a file. */
  readonly grantRead: (grantee: IGrantable) => void;
}

/** Returns the environment variables with the thumbnails, limits and rules of a pipeline. */
export function imageVariables(scope: Construct, props: ImageProps): SettingsVariables {
  const limits = limitSettings(props.limits ?? {});
  const rules = ruleEntriesOf(props);
  return settingsVariables(scope, {
    [CORE_VARIABLES.thumbnails]: thumbnailsOf(props),
    ...(Object.keys(limits).length > 0 && { [CORE_VARIABLES.limits]: limits }),
    ...(rules.length > 0 && { [CORE_VARIABLES.rules]: rules }),
  });
}

/**
 * Returns one variable for each setting. If the settings are large, returns a single variable with the URI of a file
 * asset.
 *
 * The file belongs to the cloud assembly. `cdk deploy` uploads the file to the bucket of the bootstrap stack. The name of the
 * file contains a hash of its content. Therefore, changed settings also change the variable.
 *
 * @param settings values by variable name
 * @throws Error if large settings contain tokens
 */
function settingsVariables(scope: Construct, settings: Readonly<Record<string, unknown>>): SettingsVariables {
  const text = JSON.stringify(settings);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_INLINE_BYTES) {
    const entries = Object.entries(settings).map(([name, value]) => [name, toJson(scope, value)]);
    return { variables: Object.fromEntries(entries) as Record<string, string>, grantRead: () => undefined };
  }
  if (containsToken(settings)) {
    throw new Error(
      `${scope.node.path}: thumbnails: ${bytes} bytes of settings require a file, but a file cannot contain tokens; ` +
        'use values that are known at synthesis, or fewer thumbnails and rules',
    );
  }
  const { bucketName, objectKey, s3ObjectUrl } = addFileAsset(scope, text);
  return {
    variables: { [CORE_VARIABLES.settingsUri]: s3ObjectUrl },
    grantRead: (grantee) => grantReadObject(grantee, bucketName, objectKey),
  };
}

function containsToken(value: unknown): boolean {
  return (
    Token.isUnresolved(value) ||
    (typeof value === 'object' && value !== null && Object.values(value).some((member) => containsToken(member)))
  );
}

function addFileAsset(scope: Construct, text: string): ReturnType<Stack['synthesizer']['addFileAsset']> {
  const stage = Stage.of(scope)!;
  const sourceHash = createHash('sha256').update(text).digest('hex');
  const file = join(stage.assetOutdir, `asset.${sourceHash}.json`);
  writeFileSync(file, text);
  return Stack.of(scope).synthesizer.addFileAsset({
    fileName: relative(stage.outdir, file),
    packaging: FileAssetPackaging.FILE,
    sourceHash,
    displayName: `${scope.node.path}/Settings`,
  });
}
