// How the run differs from its baseline.
import {section} from './dom.js';

export function comparison(place) {
  return place.isEmpty ? null : section('comparison', 'Against the baseline', null);
}
