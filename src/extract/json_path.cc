#include "extract/json_path.h"
