import { quoted, validationError } from './validation';

/** Type of a prop, for validation at synthesis. The validation detects wrong types in programs without a type checker. */
export interface PropType {
  /** Description of accepted values for error messages. */
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** Types of the props of a struct. */
export interface StructType {
  readonly [prop: string]: PropType | StructType;
}

/** A string. */
export const TEXT: PropType = { expected: 'a string', accepts: (value) => typeof value === 'string' };
/** A list of strings. */
export const TEXTS: PropType = listOf(TEXT, 'an array of strings');
/** A boolean. */
export const FLAG: PropType = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' };
/** A number. Numeric tokens are numbers. */
export const NUMBER: PropType = { expected: 'a number', accepts: (value) => typeof value === 'number' };

/**
 * Returns a type for objects with the methods of a class or interface.
 *
 * `instanceof` would reject constructs of another copy of a package, and objects from other programming languages.
 */
export function instanceWith(methods: readonly string[], expected: string): PropType {
  return {
    expected,
    accepts: (value) =>
      isObject(value) && methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  };
}

/** A list of values of one type. */
export function listOf(item: PropType, expected: string): PropType {
  return { expected, accepts: (value) => Array.isArray(value) && value.every((each) => item.accepts(each)) };
}

/**
 * Validates the types of props.
 *
 * @returns the errors, and the props with a valid type for further validation
 */
export function validateTypes<Props extends object>(
  props: Props,
  types: StructType,
  prefix = '',
): { readonly errors: readonly string[]; readonly props: Props } {
  const errors: string[] = [];
  const entries = Object.entries(props).flatMap(([prop, value]: [string, unknown]) => {
    const type = types[prop];
    if (value === undefined || type === undefined) {
      return [[prop, value]];
    }
    const path = `${prefix}${prop}`;
    if (isPropType(type)) {
      if (type.accepts(value)) {
        return [[prop, value]];
      }
      errors.push(validationError(path, `${described(value)} is invalid`, `expected ${type.expected}`));
      return [];
    }
    if (!isObject(value)) {
      errors.push(validationError(path, `${described(value)} is invalid`, 'expected an object with options'));
      return [];
    }
    const nested = validateTypes(value, type, `${path}.`);
    errors.push(...nested.errors);
    return [[prop, nested.props]];
  });
  return { errors, props: errors.length === 0 ? props : (Object.fromEntries(entries) as Props) };
}

function isPropType(type: PropType | StructType): type is PropType {
  return typeof type['accepts'] === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function described(value: unknown): string {
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (Array.isArray(value)) {
    return 'the array';
  }
  return typeof value === 'object' && value !== null ? 'the object' : String(value);
}
