/** Does something that may fail for one image and not for the others; what failed is noted as a problem of its subject. */
export type Attempt = <Result>(subject: string, work: () => Promise<Result>) => Promise<Result | undefined>;
