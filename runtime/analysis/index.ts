export { ANALYSIS_ERROR_CODES, AnalysisError, type AnalysisErrorCode } from './analysis-error';
export { analyzing, type Analyze, type SourceAnalysis, type SourceToAnalyze } from './analyze-source';
export type { Analysis, AnalyzedImage, Analyzer, ModerationLabel } from './analyzer';
