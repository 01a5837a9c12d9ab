import {replayTraces} from './_replay.ts';

replayTraces('cpu');
