/**
 * A flag of Node for each process that serves. A busy one lets its youngest objects take 128 MiB before it tidies up; this leaves 32
 * MiB. It must be there at the start: threads with bounds of their own end at their start where it is set later.
 */
export const youngGenerationFlag: string = '--max-semi-space-size=16';
