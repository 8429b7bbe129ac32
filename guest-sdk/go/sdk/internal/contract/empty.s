// Empty, and here so that Go takes functions without a body in this package.
