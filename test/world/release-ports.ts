import { afterAll } from '@jest/globals';
import { releaseRegion } from './listen.js';

afterAll(releaseRegion);
