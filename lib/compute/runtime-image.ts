import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { AssetHashType, AssetStaging, type DockerImageAssetLocation, Names, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { dockerfile, runtimeAsset } from '../private/runtime-assets';

interface Platform {
  /** Name of the folder with the runtime, equal to Lambda's name of the architecture. */
  readonly folder: string;
  /** Docker platform. */
  readonly platform: string;
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  ARM64: { folder: 'arm64', platform: 'linux/arm64' },
  X86_64: { folder: 'x86_64', platform: 'linux/amd64' },
};

/**
 * Container image of the runtime. The build context contains the files of the Lambda code. Therefore, the image and the
 * functions share one staged asset.
 *
 * `ContainerImage.fromAsset` is unsuitable for two reasons. First, `fromAsset` hashes file attributes that depend on the
 * machine. This class instead uses the reproducible hash from the build of this package. Second, `fromAsset` requires the
 * Dockerfile in the folder of the runtime. The Dockerfile would then also be part of the Lambda code.
 */
export class RuntimeImage extends ecs.ContainerImage {
  public constructor(
    private readonly architecture: ecs.CpuArchitecture = ecs.CpuArchitecture.ARM64,
    private readonly baseImage?: string,
  ) {
    super();
  }

  /** @throws Error if the package contains no runtime for the architecture */
  public override bind(scope: Construct, container: ecs.ContainerDefinition): ecs.ContainerImageConfig {
    const { imageUri, repositoryName } = this.addAsset(scope);
    const repository = ecr.Repository.fromRepositoryName(scope, 'Repository', repositoryName);
    repository.grantPull(container.taskDefinition.obtainExecutionRole());
    return { imageName: imageUri };
  }

  /**
   * Adds the image to the assets of the stack and returns its location.
   *
   * @throws Error if the package contains no runtime for the architecture
   */
  public addAsset(scope: Construct): DockerImageAssetLocation {
    const { folder, platform } = platformOf(this.architecture);
    const runtime = runtimeAsset(folder);
    const sourcePath = dockerfile();
    const dockerfileHash = createHash('sha256').update(readFileSync(sourcePath)).digest('hex');
    const dockerBuildArgs = this.baseImage === undefined ? undefined : { BASE_IMAGE: this.baseImage };
    const context = stage(scope, 'Program', runtime.directory, runtime.hash, runtime.exclude);
    const stagedDockerfile = stage(scope, 'Dockerfile', sourcePath, dockerfileHash);
    const inputs = [runtime.hash, dockerfileHash, platform, dockerBuildArgs];
    const stack = Stack.of(scope);
    return stack.synthesizer.addDockerImageAsset({
      sourceHash: createHash('sha256').update(JSON.stringify(inputs)).digest('hex'),
      directoryName: context.relativeStagedPath(stack),
      // Docker resolves this path relative to the build context. The Dockerfile can be outside of the context.
      dockerFile: posix(relative(context.absoluteStagedPath, stagedDockerfile.absoluteStagedPath)),
      dockerBuildArgs,
      platform,
      displayName: Names.stackRelativeConstructPath(scope),
    });
  }
}

function platformOf(architecture: ecs.CpuArchitecture): Platform {
  const name = architecture._cpuArchitecture;
  const platform = PLATFORMS[name];
  if (!platform) {
    throw new Error(`architecture: ${name} is invalid; expected CpuArchitecture.ARM64 or CpuArchitecture.X86_64`);
  }
  return platform;
}

function stage(scope: Construct, id: string, sourcePath: string, assetHash: string, exclude?: string[]): AssetStaging {
  return new AssetStaging(scope, id, { sourcePath, assetHash, assetHashType: AssetHashType.CUSTOM, exclude });
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
