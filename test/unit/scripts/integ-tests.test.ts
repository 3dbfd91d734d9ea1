import { assertionReport, integApps, selectedApps } from '../../../scripts/integ-tests';

describe('assertionReport', () => {
  test('the report counts successful assertions and ignores other outputs', () => {
    const outputs = {
      Tested: { ExportsOutput: 'arn:aws:s3:::photos' },
      Assertions: { AssertionResultsUpload: '{"status":"success"}', AssertionResultsHttp: '{"status":"success"}' },
    };
    expect(assertionReport(outputs)).toEqual({ passed: 2, failures: [] });
  });

  test('the report contains the message of each failed assertion', () => {
    const outputs = {
      Assertions: {
        AssertionResultsUpload: '{"status":"success"}',
        AssertionResultsHttp: '{"status":"fail","message":"!! Expected 200 but received 403"}',
      },
    };
    expect(assertionReport(outputs)).toEqual({
      passed: 1,
      failures: ['Assertions.AssertionResultsHttp: !! Expected 200 but received 403'],
    });
  });
});

describe('selectedApps', () => {
  test('no argument selects every app', () => {
    expect(selectedApps([])).toEqual(integApps());
    expect(integApps()).toContain('lambda');
  });

  test('arguments select apps by name', () => {
    expect(selectedApps(['fargate'])).toEqual(['fargate']);
  });

  test('an unknown name throws an error with the known names', () => {
    expect(() => selectedApps(['lambada'])).toThrow(/lambada.*lambda/);
  });
});
