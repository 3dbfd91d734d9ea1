/** A file in a {@link ByteCache}. */
export interface CachedFile {
  readonly body: Buffer;
  readonly contentType: string;
}

/** Cache that keeps the most recently used files in memory, up to a total size in bytes. */
export class ByteCache<File extends CachedFile = CachedFile> {
  private readonly files = new Map<string, File>();
  private bytes = 0;

  public constructor(private readonly maxBytes: number) {}

  /** Returns a file and marks it as used. */
  public get(id: string): File | undefined {
    const file = this.files.get(id);
    if (file) {
      this.files.delete(id);
      this.files.set(id, file);
    }
    return file;
  }

  /**
   * Adds a file. If the total size exceeds the maximum, removes the least recently used files. Never removes the added file.
   */
  public set(id: string, file: File): void {
    this.drop(id);
    this.files.set(id, file);
    this.bytes += file.body.length;
    for (const oldest of this.files.keys()) {
      if (this.bytes <= this.maxBytes || oldest === id) {
        break;
      }
      this.drop(oldest);
    }
  }

  private drop(id: string): void {
    this.bytes -= this.files.get(id)?.body.length ?? 0;
    this.files.delete(id);
  }
}
