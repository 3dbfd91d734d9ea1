import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { AssetHashType, AssetStaging, Names, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { dockerfile, runtimeAsset } from '../../private/runtime-assets';

/** Names of a processor: that of the folder, which is Lambda's, and Docker's. */
const PLATFORMS: Readonly<Record<string, { readonly folder: string; readonly platform: string }>> = {
  ARM64: { folder: 'arm64', platform: 'linux/arm64' },
  X86_64: { folder: 'x86_64', platform: 'linux/amd64' },
};

/**
 * The image of the program, built when the app is deployed: the context is the very folder that Lambda runs, so the staged
 * copy of one is that of the other.
 *
 * This is what ecs.ContainerImage.fromAsset does, but for two things that it cannot: it would hash the files, which differ
 * between machines in more than their bytes, where the build has a hash of its own; and it wants the Dockerfile in the
 * folder, which would not be Lambda's any more.
 */
export class ProgramImage extends ecs.ContainerImage {
  public constructor(
    private readonly architecture: ecs.CpuArchitecture,
    private readonly baseImage: string | undefined,
  ) {
    super();
  }

  public override bind(scope: Construct, container: ecs.ContainerDefinition): ecs.ContainerImageConfig {
    const { folder, platform } = PLATFORMS[this.architecture._cpuArchitecture]!;
    const runtime = runtimeAsset(folder);
    const recipe = dockerfile();
    const recipeHash = createHash('sha256').update(readFileSync(recipe)).digest('hex');
    const buildArguments = this.baseImage === undefined ? undefined : { BASE_IMAGE: this.baseImage };
    const program = stage(scope, 'Program', runtime.directory, runtime.hash);
    const recipes = stage(scope, 'Dockerfile', dirname(recipe), recipeHash);
    const inputs = [runtime.hash, recipeHash, platform, buildArguments];
    const stack = Stack.of(scope);
    const location = stack.synthesizer.addDockerImageAsset({
      sourceHash: createHash('sha256').update(JSON.stringify(inputs)).digest('hex'),
      directoryName: program.relativeStagedPath(stack),
      // Docker is started in the folder, and takes a Dockerfile from elsewhere.
      dockerFile: posix(relative(program.absoluteStagedPath, join(recipes.absoluteStagedPath, 'Dockerfile'))),
      dockerBuildArgs: buildArguments,
      platform,
      displayName: Names.stackRelativeConstructPath(scope),
    });
    const repository = ecr.Repository.fromRepositoryName(scope, 'Repository', location.repositoryName);
    repository.grantPull(container.taskDefinition.obtainExecutionRole());
    return { imageName: location.imageUri };
  }
}

function stage(scope: Construct, id: string, sourcePath: string, assetHash: string): AssetStaging {
  return new AssetStaging(scope, id, { sourcePath, assetHash, assetHashType: AssetHashType.CUSTOM });
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
