import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { claimReferencesOf, CLAIMS_HEADER, CLAIMS_REQUEST_HEADER } from '../../runtime/contract';

/**
 * Returns an integration that sends the claims of the client to the runtime in two headers. API Gateway overwrites these
 * headers in the request of the client. A Lambda function receives the claims in the event instead.
 *
 * @param keyPrefix template with the claims; undefined if the runtime requires no claims
 */
export function withClaims(
  integration: apigateway.HttpRouteIntegration,
  keyPrefix: string | undefined,
): apigateway.HttpRouteIntegration {
  return keyPrefix === undefined || integration instanceof HttpLambdaIntegration
    ? integration
    : new ClaimsIntegration(integration, keyPrefix);
}

class ClaimsIntegration extends apigateway.HttpRouteIntegration {
  public constructor(
    private readonly target: apigateway.HttpRouteIntegration,
    private readonly keyPrefix: string,
  ) {
    super('ClaimsIntegration');
  }

  public bind(options: apigateway.HttpRouteIntegrationBindOptions): apigateway.HttpRouteIntegrationConfig {
    const config = this.target.bind(options);
    const parameterMapping = new apigateway.ParameterMapping();
    for (const [key, value] of Object.entries(config.parameterMapping?.mappings ?? {})) {
      parameterMapping.custom(key, value);
    }
    // The request id makes the header unpredictable, so that clients cannot forge the claims.
    const variables = claimReferencesOf(this.keyPrefix).map(({ kind, name }) =>
      kind === 'claim' ? `authorizer.claims.${name}` : `authorizer.${name}`,
    );
    const values = ['requestId', ...variables].map((variable) => `\${context.${variable}}`);
    parameterMapping.overwriteHeader(CLAIMS_HEADER, apigateway.MappingValue.custom(values.join(' ')));
    parameterMapping.overwriteHeader(CLAIMS_REQUEST_HEADER, apigateway.MappingValue.contextVariable('requestId'));
    return { ...config, parameterMapping };
  }

  protected override completeBind(options: apigateway.HttpRouteIntegrationBindOptions): void {
    this.target['completeBind'](options);
  }
}
