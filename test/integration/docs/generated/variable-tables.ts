import { HTTP_DESCRIPTIONS, SERVICE_DESCRIPTIONS } from '../../../../runtime/config/host-variable-descriptions';
import {
  ANALYSIS_DESCRIPTIONS,
  CORE_DESCRIPTIONS,
  EVENT_DESCRIPTIONS,
  FORWARDING_DESCRIPTIONS,
  MONITORING_DESCRIPTIONS,
  QUARANTINE_DESCRIPTIONS,
  type VariableDescriptions,
} from '../../../../runtime/config/variable-descriptions';
import {
  ANALYSIS_VARIABLES,
  CORE_VARIABLES,
  EVENT_VARIABLES,
  FORWARDING_VARIABLES,
  HTTP_VARIABLES,
  MONITORING_VARIABLES,
  QUARANTINE_VARIABLES,
  SERVICE_VARIABLES,
} from '../../../../runtime/contract';
import type { Table } from '../blocks';

function variableTable<Name extends string>(
  variables: Readonly<Record<Name, string>>,
  descriptions: VariableDescriptions<Readonly<Record<Name, string>>>,
): Table {
  const names = Object.keys(descriptions) as Name[];
  return [
    ['Variable', 'Default', 'Values', 'Meaning'],
    ...names.map((name) => {
      const { default: initial, values, meaning } = descriptions[name];
      return [`\`${variables[name]}\``, initial, values, meaning];
    }),
  ];
}

/** Tables of the environment variables, by name. */
export const VARIABLE_TABLES: Readonly<Record<string, () => Table>> = {
  'environment variables of core': () => variableTable(CORE_VARIABLES, CORE_DESCRIPTIONS),
  'environment variables of analysis': () => variableTable(ANALYSIS_VARIABLES, ANALYSIS_DESCRIPTIONS),
  'environment variables of service': () => variableTable(SERVICE_VARIABLES, SERVICE_DESCRIPTIONS),
  'environment variables of http': () => variableTable(HTTP_VARIABLES, HTTP_DESCRIPTIONS),
  'environment variables of monitoring': () => variableTable(MONITORING_VARIABLES, MONITORING_DESCRIPTIONS),
  'environment variables of events': () => variableTable(EVENT_VARIABLES, EVENT_DESCRIPTIONS),
  'environment variables of forwarding': () => variableTable(FORWARDING_VARIABLES, FORWARDING_DESCRIPTIONS),
  'environment variables of quarantine': () => variableTable(QUARANTINE_VARIABLES, QUARANTINE_DESCRIPTIONS),
};
