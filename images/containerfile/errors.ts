// What is wrong in a Containerfile, and where.
import { ImageError } from '../errors.ts';

/** Both count from 1; a column is a character. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export class ContainerfileError extends ImageError {
  override name = 'ContainerfileError';
  readonly place: Place;

  constructor(place: Place, message: string, next?: string) {
    super(`${place.file}:${place.line}:${place.column}: ${message}`, next);
    this.place = place;
  }
}
