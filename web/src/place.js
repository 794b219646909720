// A place in a JSON document that may come from an older version or a damaged file: what is missing
// or of another type reads as nothing, and nothing here throws.
export class Place {
  constructor(value, at = '') {
    this.value = value;
    this.at = at;  // JSON pointer (RFC 6901)
  }
  go(...keys) {
    let value = this.value, at = this.at;
    for (const key of keys) {
      const inside = value !== null && typeof value === 'object' && Object.hasOwn(value, key);
      value = inside ? value[key] : undefined;
      at += '/' + String(key).replaceAll('~', '~0').replaceAll('/', '~1');
    }
    return new Place(value, at);
  }
  get isNumber() { return typeof this.value === 'number' && Number.isFinite(this.value); }
  get number() { return this.isNumber ? this.value : 0; }
  get text() { return typeof this.value === 'string' ? this.value : ''; }
  get truth() { return this.value === true; }
  get isEmpty() { return this.keys.length === 0; }
  get keys() {
    return this.value !== null && typeof this.value === 'object' ? Object.keys(this.value) : [];
  }
  // Members of an object or of an array, as places.
  get members() { return this.keys.map(key => this.go(key)); }
  get entries() { return this.keys.map(key => [key, this.go(key)]); }
}
