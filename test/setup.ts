// Disables the template validation of the CDK, which loads a WebAssembly engine of 9 MB in every Jest worker. One test
// enables the validation.
process.env['CDK_VALIDATION'] ??= 'false';
