import type { ThumbnailAccess } from '../../api/thumbnail-access';
import { invalidValue, nested, validationError } from '../../private/validation';
import type { ThumbnailApiAccessOptions } from '../compute-protocol';
import { needsTwoFunctions } from './separate-functions';
import type { ThumbnailWebFunctionOptions } from './thumbnail-web-function-options';

const NO_AUTHORIZER = 'because authorizers require API Gateway; for an authorizer, use ThumbnailCompute.lambda()';

/** Validates that Lambda or the runtime can authorize the requests to a web function. */
export function validateAccess(
  { role, write }: ThumbnailWebFunctionOptions,
  apiAccess: ThumbnailApiAccessOptions,
): string[] {
  const { access, writeAccess } = apiAccess;
  const errors: string[] = [];
  if (isAuthorizer(access)) {
    errors.push(invalidValue('access', 'an authorizer', `iam(), publicRead() or signed(), ${NO_AUTHORIZER}`));
  }
  // This function does not reject publicRead() as write access, because the validation of the API does so for every compute.
  if (writeAccess && isAuthorizer(writeAccess)) {
    errors.push(invalidValue('writeAccess', 'an authorizer', `iam() or signed(), ${NO_AUTHORIZER}`));
  }
  if (write && !needsTwoFunctions(apiAccess)) {
    const finding = 'it has no effect, because one web function serves all routes';
    errors.push(
      validationError('write', finding, 'set api.writeAccess to a value that differs from api.access, or remove write'),
    );
  }
  if (role && write?.role === role) {
    const expected =
      'another role than the role of the first web function, because callers with read access could otherwise write';
    errors.push(...nested('write', [invalidValue('role', role.node.path, expected)]));
  }
  return errors;
}

function isAuthorizer(access: ThumbnailAccess): boolean {
  return !access._isPublic && !access._isSigned && !access._isIam;
}
