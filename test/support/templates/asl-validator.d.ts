// asl-validator has no type declarations.
declare module 'asl-validator' {
  const validate: (definition: object) => { readonly isValid: boolean; readonly errorsText: () => string };
  export = validate;
}
