/** A flag of Node for an operator: it makes little at a time, and what it made lies about for long. In MiB. */
export const youngGenerationFlag = '--max-semi-space-size=1';
