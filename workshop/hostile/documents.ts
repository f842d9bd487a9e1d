// Every hostile document.
import type { DocumentCase } from './case.ts';
import { configs } from './documents/config.ts';
import { indexes } from './documents/index.ts';
import { layouts } from './documents/layout.ts';
import { manifests } from './documents/manifest.ts';

export const documents: DocumentCase[] = [...indexes, ...manifests, ...configs, ...layouts];
