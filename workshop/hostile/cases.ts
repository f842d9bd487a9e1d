// The whole corpus.
import type { Case } from './case.ts';
import { documents } from './documents.ts';
import { layers } from './layers.ts';
import { registries } from './registry.ts';

export const cases: Case[] = [...layers, ...documents, ...registries];
