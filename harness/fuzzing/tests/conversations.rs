use fuzzing::*;
