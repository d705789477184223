const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes of a part when nothing else is set: of blobs up to 80 GB. */
export const defaultPartBytes: number = 8 * MiB;

/** Parts other than the last may not be smaller, nor any larger (Amazon S3, "Multipart upload limits"). */
export const minPartBytes: number = 5 * MiB;
export const maxPartBytes: number = 1024 * MiB;

/** Parts of one object (the same). */
export const maxParts: number = 10_000;

/** Bytes that all uploads under way hold together: of 16 that are gathered and 16 that are sent at full speed. */
export const memoryBytes: number = 256 * MiB;

/** Uploads whose small pieces are joined at a time; each holds less than a part for that. */
export const joinWidth: number = 8;

/** Small pieces at the end of an upload; one more, and they are joined. */
export const maxRest: number = 32;

/** Parts that are copied, or objects that are removed, at a time. */
export const width: number = 8;

/** Answers that are documents: a list of 1000 objects has less than one MiB. */
export const maxDocumentBytes: number = 8 * MiB;
export const maxDocumentDepth: number = 12;
export const maxDocumentElements: number = 100_000;

/** What is read of an answer that tells of an error. */
export const maxErrorBytes: number = 64 * KiB;

/** Times that a body which broke off is asked for again from there without a byte coming. */
export const readRetries: number = 3;

/** Times that a request is sent again whose answer began well and then told of a failure, or that met another one. */
export const passingFailureRetries: number = 3;

/** An address that was signed beforehand holds a week at most. */
export const maxPresignSeconds: number = 7 * 24 * 3600;

/** Parts of one local file that are sent at a time. */
export const fileWidth: number = 4;
