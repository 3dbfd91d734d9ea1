import { ALL_CHECKS } from '../../../../cli/verify/run-checks';
import { ERROR_CODES, type ErrorCodeDetails, type ErrorKind } from '../../../../runtime/errors/error-codes';
import { WARNING_CODES } from '../../../../runtime/errors/warning-codes';
import { ACKNOWLEDGEMENTS } from '../../../templates/security/acknowledgements';
import { ALLOWED_WILDCARDS, UNCONDITIONAL_SERVICES } from '../../../templates/security/wildcards';
import type { Table } from '../blocks';
import { EVENT_TABLES } from './event-tables';
import { LOGICAL_ID_TABLES } from './logical-id-tables';
import { METRIC_TABLES } from './metric-tables';
import { VARIABLE_TABLES } from './variable-tables';

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

/** Returns the error codes of one kind. */
function errorTable(kind: ErrorKind): Table {
  const codes = Object.entries<ErrorCodeDetails>(ERROR_CODES).filter(([, details]) => details.kind === kind);
  return [
    ['code', 'status', 'retried', 'cause', 'fix'],
    ...codes.map(([name, { status, retryable, description, remedy }]) => [
      `\`${name}\``,
      String(status),
      retryable ? 'yes' : 'no',
      description,
      remedy,
    ]),
  ];
}

/** Tables between `<!-- generated: name -->` and `<!-- end -->`, by name. */
export const GENERATED_TABLES: Readonly<Record<string, () => Table>> = {
  'checks of verify': () => [
    ['check', 'behavior'],
    ...Object.entries(ALL_CHECKS).map(([id, { title }]) => [`\`${id}\``, title]),
  ],
  ...LOGICAL_ID_TABLES,
  ...VARIABLE_TABLES,
  ...METRIC_TABLES,
  ...EVENT_TABLES,
  'warning codes': () => [
    ['code', 'cause'],
    ...Object.entries(WARNING_CODES).map(([name, { description }]) => [`\`${name}\``, description]),
  ],
  'error codes of images': () => errorTable('image'),
  'error codes of requests': () => errorTable('request'),
  'error codes of the runtime': () => errorTable('runtime'),
  'error codes of the object store': () => errorTable('storage'),
  wildcards: () => [
    ['policy of', 'actions', 'resources', 'reason'],
    ...ALLOWED_WILDCARDS.map(({ of, actions, resources, reason }) => [of, code(actions), code(resources), reason]),
  ],
  services: () => [
    ['policy', 'service', 'reason'],
    ...UNCONDITIONAL_SERVICES.map(({ of, service, reason }) => [of, code([service]), reason]),
  ],
  findings: () => [
    ['rules', 'resources', 'found in', 'reason'],
    ...ACKNOWLEDGEMENTS.map(({ rules, on, when, reason }) => [
      code(rules),
      code(on),
      when === 'both' ? 'default and strict' : when,
      reason,
    ]),
  ],
};
