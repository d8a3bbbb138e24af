import time
import pytest
from tests.practices.test_hidden_everywhere import *
from collections import Counter
def test_count(site):
    a=site.addresses(); print(len(a))
    print(Counter("/".join(x.split("/")[2:4]) for x in a).most_common(25))
    t=time.time(); site.let_the_worker_work(); print("worker", time.time()-t)
    t=time.time(); site.walk(client_of(site, Role.VISITOR)); print("walk", time.time()-t)
    assert 0
