/** What an image runs on (OCI image-spec, image-index.md, "platform"); Go's names: `linux`, `amd64`, `v7`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}
