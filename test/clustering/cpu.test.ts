import {replayClustering} from './_replay.ts';

replayClustering('cpu', {eachStepAlone: false});
