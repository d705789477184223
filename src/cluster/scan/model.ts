import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../oci/reference.ts';
import type { RunningImage } from '../running-images.ts';

/** A way to an image: what it is called, and what may be shown to its registry. */
export interface ImageWay {
  readonly reference: Reference;
  /** `namespace/name` of the pull secrets of a workload that has it under this name, in order. */
  readonly pullSecrets: readonly string[];
}

/** One image of an index, or an image by itself. */
export interface ImageTarget extends ImageWay {
  readonly digest: Digest;
  /** `linux/amd64`: of the nodes that it runs on. Undefined where no node tells; what is usual in the cluster is meant then. */
  readonly platform: string | undefined;
}

/** What came of reading an image. */
export interface ImageRead<Report> {
  readonly report: Report;
  /** Of the manifest that was read. Where it is the one that was asked for, there is no index, and all platforms run the same. */
  readonly manifest: Digest;
  /** That it is for: `linux/amd64`. */
  readonly platform: string;
}

/** Reads images. What it gives should be no more than what is told in the end: that of all images is held. */
export interface ImageScanner<Report> {
  /** What a tag stands for now. @throws OciError; the signal's reason */
  resolve(way: ImageWay, signal: AbortSignal): Promise<Digest>;
  /** @throws OciError and others for what is about this image alone; the signal's reason */
  scan(target: ImageTarget, signal: AbortSignal): Promise<ImageRead<Report>>;
}

/** Why something of an image was not read. */
export interface ImageFailure {
  /** Of the error. */
  readonly code: string;
  /** A sentence, with what to do. */
  readonly message: string;
}

/** What was read of an image for one platform. */
export type ScannedPlatform<Report> =
  | ({ readonly state: 'scanned' } & ImageRead<Report>)
  | { readonly state: 'failed'; readonly platform: string; readonly failure: ImageFailure };

/** An image of a cluster, and what came of it. */
export interface ScannedImage<Report> {
  readonly image: RunningImage;
  /** The digest that runs, or that its name stands for now; absent where that is not known. */
  readonly digest?: Digest;
  /** The name by which it was read: `registry.example/app:1`. */
  readonly name: string;
  /**
   * `scanned`: all of its platforms were looked at, and each tells what came of it. `failed`: nothing of it could be read. `skipped`: it is
   * left out by its name. `left`: the time was over.
   */
  readonly state: 'scanned' | 'failed' | 'skipped' | 'left';
  readonly platforms: readonly ScannedPlatform<Report>[];
  /** Where it failed. */
  readonly failure?: ImageFailure;
}
