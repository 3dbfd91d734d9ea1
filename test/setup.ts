// The CDK's own template validation loads a 9 MB WebAssembly engine in every worker; one test turns it on for itself.
process.env['CDK_VALIDATION'] ??= 'false';
