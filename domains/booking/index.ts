// Booking: a thing is taken for a time, and paid by it.
import type { Domain } from '@trine/engine';
import { open } from './engine.ts';
import { manifest } from './manifest.ts';
import { type BookingTerms, bookingTerms } from './terms.ts';
import { inputs, rows, triggers } from './triggers.ts';

export const booking: Domain<BookingTerms> = { manifest, terms: bookingTerms, triggers, inputs, rows, open };
