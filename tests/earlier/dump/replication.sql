/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
DROP TABLE IF EXISTS `_dlt_loads`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `_dlt_loads` (
  `load_id` varchar(64) NOT NULL,
  `schema_name` longtext DEFAULT NULL,
  `status` bigint(20) NOT NULL,
  `inserted_at` datetime(6) NOT NULL,
  `schema_version_hash` longtext DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `_dlt_loads` VALUES ('1795757824.7330403','opendental',0,'2026-11-27 05:37:05.107495','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=');
INSERT INTO `_dlt_loads` VALUES ('1795757825.148646','opendental',0,'2026-11-27 05:37:05.380707','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=');
INSERT INTO `_dlt_loads` VALUES ('1795757825.4537895','opendental',0,'2026-11-27 05:37:05.665350','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=');
INSERT INTO `_dlt_loads` VALUES ('1795757825.7200387','opendental',0,'2026-11-27 05:37:05.887975','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=');
INSERT INTO `_dlt_loads` VALUES ('1795757825.922766','opendental',0,'2026-11-27 05:37:06.193376','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=');
INSERT INTO `_dlt_loads` VALUES ('1795757827.4224358','opendental',0,'2026-11-27 05:37:07.688231','n7MFTLD1F3Gp56mzeSzLJRw155y7sbos5GhL+CrJ4cc=');
INSERT INTO `_dlt_loads` VALUES ('1795757827.735903','opendental',0,'2026-11-27 05:37:07.885407','n7MFTLD1F3Gp56mzeSzLJRw155y7sbos5GhL+CrJ4cc=');
INSERT INTO `_dlt_loads` VALUES ('1795757827.9159808','opendental',0,'2026-11-27 05:37:08.167038','n7MFTLD1F3Gp56mzeSzLJRw155y7sbos5GhL+CrJ4cc=');
DROP TABLE IF EXISTS `_dlt_pipeline_state`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `_dlt_pipeline_state` (
  `version` bigint(20) NOT NULL,
  `engine_version` bigint(20) NOT NULL,
  `pipeline_name` longtext NOT NULL,
  `state` longtext NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `version_hash` longtext DEFAULT NULL,
  `_dlt_load_id` varchar(64) NOT NULL,
  `_dlt_id` longtext NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `_dlt_pipeline_state` VALUES (1,4,'opendental_replication','eNrtWG1v2zYQ/iuCvjjBlIJy4qYwsA+J0wIDHKOYnb5sGARaOklsKVGjSGdOsf++o2TFii3ZNSIUiLvASezj3fG5ex6+WN9sL1dUgbcAmTOR2kPXqUyQRiytjVw4dsYy4MaY0gTsoS0ySANIFeWehIwznyrj6ti5H0NCC7fcHv5Zc7T/cuyAKpqDqrIAlZyB9BTkCmMDCKnmyqvleDJV4ZIrlhaTeWqZmfGaKX9VA/PqKbB6ZJk51ZxjzasyvZjmscF0eT3iD7OPA/lwMbt4e3s9GLxeflHvFg/3n8ToS3A1viPB8rO4+8P/1dQrtPRNqd/qQPGThNpQCGD+3WN3ZULlV2P817F9kWQcFAQeVRUeCbT+UachS1keQ2AS5EpiimiJOEMc9hSdczAoFJVVGrtP+q/PXPesf2mRwfD8ckguai5a+a0+NER8hjWXGLZiFsUlUCnuEbJLEHJM08iAMe8F10la0PwOYKITa85QOcpKBf4iPkx5lQiNlgB8llB+4vad89NizFqxbU3uxmN0vIVEWAr+UZZW4Ztkfu5FkIJEgfmsMeArLK1yWoPVx77t6EAfA3QW7HbBQjMpFiyNHsnAuj1je0IRztxgXXdjA86KyNrsxmImQzWiXl6uMuwbnHM2VTTJykhyRlx8WS4ZEvOyv0c776lq1s54guvUWlCJgfLEJeS0URurgEd99HoYe82kik3HreLPthMhBVR8Gff3sVDCmnMxb9Tauk5LMdzZindbOX0tJfLpPbqcnK50Wpb4UnVKs0wgNcn/WrWvshat4gDmVjq3INXJSQ9PuZ7TC0QKvZ2qxdCJQIEesvM9V41lES9VjUY7x32Y/o6wdp+mQiPU1lNxFf9SCVZCqHg/wzWss6rtv5QruUZ8Czl1JZRA9pTYkmez5ha37dNug9iZqXnTWGwM1fHXbzn9WjRQTuNYReIOleBzypItclo3V1Jtro49Bf9twFR9vL8ePxZ6R6Y/zYsXL6uPK3dtNZ2bglwwf+Oqsm5ZYTfb+Gbccw6BCmiH2giErxsvCfvlcSz03wi/hXzG4cl1dkD23Quey3CJpUt+wbS1+D59rLvzDYQNu/NvCpIDySsIKJJ1SEAOyDZTSy6in3iNjUXU8n1RRDNzjf5xS6yE0iHDOgcpgqNdXndYXjN3xchhS2w6nawfDri7nw244aU7p+TNircVjk5vyBACqsSH4725YokHUvSBcg1TJRHewc/2quk6JOlvDfp4+bmFPKfRfnoa+j2TDPLy1Nsa7a79DyzzRXC8BIywuNrjyu/u/giP9MNZ64oX8/MfOC8YVA==','2026-11-27 05:37:04.778828','e7BClzTW5rz4T4EMB556yjtFvzwXoCjdALU0dyYoUZc=','1795757824.7330403','TrZkcomzhgGKmQ');
INSERT INTO `_dlt_pipeline_state` VALUES (2,4,'opendental_replication','eNrlWG1v2zgM/iuGv6RF0812m2sRYB+6dsOtaLNhye7L4WAoNm3rZkueRGfrivvvR/klddokrTdjQLMiBWySEsnnoUTJt7avkSH4C1CaS2GPvWEjAhFz0dIcD+2c55AaoWAZ2GNb5iBCEMhSX0Ge8oChMR3aOkggY6WZtsd/twztf4Z2yJBpwGYWYCrloHwEjTQ2hIgVKfqtOVZclSYauSid+XiTG31LpF+0gnmxGlh7ZDWzKNKUcq7T9BOmE5ru4OXHi8m3NP9zMfXCkRO7x9ODs+nl1b/fT6JL4b19c/b6i5Kn799dXr8y+cpCBSbV23ag9KagpUIpMTEPXwlflTH12Yj/G9qBzPIUEEKfITn3HO+PQ9c99E5mzmh8dDJ2jg8cZ+w45EkBe2BlNVakL0TEBdcJhE1quZILLuLmVcmv2jcy2DrPZ7h5ilkg0yITJccfGE6KzOICLSHpn7yRwczkfF84kQjWgqkgYWrPc/atAqPTbH7kxyBAUTUFvDS16lqwJp+urqqgrMrN0ConNtUUECS4OUrPgJKH200MBynj2QNy7At6m02RZXk11Dl0XPpZJR8VJVMI3oQc23rvTr8r9J4bfAzBcx7fo/MtgBXKYp5CW2qQm4Ja8IC09NzW1ZCVcuTZg3EV4pZR6fKp0S8rIiiUolXmL0329usCaQLtsTZCGRQZefuB8tgV+i9ksIF8nsKEdtLleh5tWM/9MVzF0ie/YGAtW8Su7s4XEK3Znd8hZB3JKwkoJ+uRAA3ENsebVMa/8Rq7kvH6NUaKGXzDX7jEqlB6ZLjQoGS4s8vrE6W3nrtS022JTaeTpbXrbrW23OjEnTPntOatjqNH4nIFEVCVBLC7J1dKsSNFf7G0gCkqCs9CszS7nGBrdz2S9KWAYnf5uQatWfw4PWvwnikOuup6D7T9wf+d54EMd5eAc0rubkd6Ovrn1NK7s9YfLxE8gZMauwb86rWN9a2tUdEU8Q15ikjtI6O7jrn2I1O4HcXGpMBgow2LKD6Ds+eY5BMeJ1WghlB77DkUcsJEbIJxVoihm9f6rnOWyYIkIQQ8Y+me6w2P9tdSdA2Z7LyDVW57bTJbC7mS3q/bSnqHxr1waiJb3o3EOGPI113mnk1lbDwRe60T8aO1U3+vWXPaXOmFrrO9GS7rYzCgsa+5wqS87a9c+e+MHKcMlX7G/EMiUVrzVM7X1trPnmKrFJ9rnbI8l0RNtw8P7qjDpWj0DHrPWb6hTElB+WOhLRBFtjfQgIPhIJQCBo+d3srvj102vZ8txCqJHgvR7Do/dNx4DpR/pKS2t7X6Y+OG9lSP7w1u8/c/B4W6BA==','2026-11-27 05:37:05.182767','+/RDNxlpHvS2d50g14S+ASJLjz7fJn2FEABqro8OIJM=','1795757825.148646','2xYXyv3Ro87p4A');
INSERT INTO `_dlt_pipeline_state` VALUES (3,4,'opendental_replication','eNrlWG1v2zYQ/iuCvjhBnI6ymyUwsA9d0q7DXK+Y3S3DMAi0dJK4SKJKHpN6wf77jnpJ5MR2ok4bUM+QAenuyLt7njuS0q3ra+QI/jUoLWTuTsbDRgR5LPKW5uXQLUQBqRXmPAN34soC8hBy5KmvoEhFwNGaDl0dJJDx0ky7k99ahu7vQzfkyDVgMwtwlQpQPoJGGhtCxE2KfmuONVeliUaRl858XBVW3xLpF61gXqwH1h5ZzZybNKWc6zT9hOuEprucXr298dLpV1G4vPjuj6PlL7+aV+c/FnlQHM0vry7js9XbT69j/sMZ+8bmK40KbKq37UDpSUFLhVJiYm9uCF+VcXVlxX8N3UBmRQoIoc+RnI/Y6OtjzzsenS7YyWR8OmEvjxibMEaeFPBHVk5jRXqTRyIXOoGwSa1Q8lrkcfOo5I32rQx2znMFq+eYBTI1WV5y/J7jzGSOyNHJJf3JGxksbM4PhTOJ4FxzFSRcHYzYoWMwOsuWYz+GHBRVUyBKU6euBWf2YTqtgnIqN0OnnNhWU0CQ4PYoRxaUItxtYjlIucgekeNe0NNijjwrqqHsmHl0OSUfFSVzCF6HAtv60b1+X+g9t/hYgpcifkDnGwAnlGaZQltqkZuDuhYBaem+rashK+UoskfjKsQdq9LlXaO/q4jAKEVd5t+ZHBzWBdIE2mNthDIwGXn7jPLYF/ovZLCFfJHCjFbSu34+2dLP/TFcxdInv2BhLbeIfV2dLyDasDp/j5B1JK8koJysRwI0ENsCV6mM/8c9NpXx5h4jxQI+4X/YYlUoPTJsNCgZ7m17faD0NnNXarq12Hw+u7P2vJ3WjhedekvOzmre6jh6JK5QEAFVSQD7e3KlFDtS9DNPDcxRUXgO2tbscoKt3fVI0kcDZn/5eQda8/hpejbgvVACdLXrPdL2B/+foghkuL8EnFNy9yvS89E/py29O2v98cKLQhL33Y7u3kmHY8XJF8DeqwI3b02koPzRaAdykx0MNOBgOAhlDoOn1r/yDb7LwvdPDyRVEj3WhiKLz2rYL4HynyipLZxn0pCkeV3fskXV43uEO4JnoF2j0sBaPbZRvHU1WuLiFXmKSO0jpzzsFzjkCnfj05gYDLba8IjiswiOmU0+EXFSBWqpcidjRiEnPI9tMGwN8jfwBOIQiIynB95oOD7cCPw7yGTnw0Tlttfz3s4SraQPK7KS3qPxIJyayJZ3K7HOOIoOi/PIYd6eLc71V9MN73xrJ1KP7T6S3pXGYEBjvxUKk/Kb29qHt3sjxsq9ji5r/j6RKJ1lKpf/ytJdpdhbidrf36l+jLs=','2026-11-27 05:37:05.486950','XLkHw1lL/fdbDGj+bWYuACOpncp+SXkXg8yHxEgaK80=','1795757825.4537895','8FdGfh/xWfdcQg');
INSERT INTO `_dlt_pipeline_state` VALUES (4,4,'opendental_replication','eNrlWG1vo0YQ/iuIL05U5wQkvkSW7kMvbqqmOSt39r1UVYXWMMAqsEt3B19z0f33zvLi4MR2wpVWOjdyJJh5duflmVkG7mxfI0Pwl6A0l8IenwwbEYiYi3VNznNIjVCwDOyxLXMQIQhkqa8gT3nA0ECHtg4SyFgJ0/b49xbQ/mNohwyZBmx2AaZSDspH0EhrQ4hYkaLf2mPNVAnRyEVpzMfb3OhbIv2i5cyLdcfaK6udRZGmFHMdpp8wndB289N3l5eTWL4WyWUS/Po2T14e30zOgujLx08fl9G1d/Hb6OdPPF1cvn1l4pWFCkyod21H6U5BS4VSYmIuPlN+VcbUjRF/HdqBzPIUEEKfIRn3HO/lkeseeadzZzQ+Ph07Jz84zthxyJIC9ghlNSjSFyLigusEwia0XMklF3Fzq+Rn7RsZ7NznBm6fAwtkWmSi5Pia4bTILC7QEpL+yRoB5ibmh8KpRLCWTAUJUweec2gVGJ1li2M/BgGKqingJdSqa8Gavr+6qpyyKjNDq9zYVFNAKcHtXnomKXm4G2I4SBnPHpFjT+huPkOW5dVS58hx6WeVfFSUzCD4KeTY1nv3+n2h99zkxxC84PEDOi8ArFAWixTaUpO5GaglD0hL121dnbJSjjx7tK7KuGVUurxq9KuKCAqlqMv8FeTgsC6QxtEeayOUQZGRtW8oj32hfyKDLeTzFKZ0kq76ebSln/tjuPKlT37BpLV8ROzr6TyBaMPp/AtC1pG8koBysx4J0EBsc7xNZfw/7rErGW/uMVLM4S/8D1uscqVHhgsNSoZ7217vKbzN3JWabi02m01XaNfdibbc6NRdMOes5q32o0ficgURUJUEsL+TK4XYkaIPLC1ghorcs9C0ZpcJtjbXI0l/FlDsLz9vQGsWP03PhnzPFQddPfUeaftL/xeeBzLcXwLOKbj7E+n52T+nR3p31vrjheW5JO67je7uqMNYMfoO2Psxx82PJlJQ/FhoC0SRHQw04GA4CKWAwVPnX/kG3+Xg+6cDSRVEj7WhCPFNDfs9UP6OgtrCeSYLkjSv61seUfX6PscIhrxDG3qW4+5ZG9bfxzZM92uzh+vsHj5WdA0GtPY1V5iUX1fWPrHcgxynPNXoZ+DXiURpLVK5+FeatAqxx6qJ4Bk9WvPWEF/dtnm+szWado9vyVJEah8ZVb/5botM4W4GG0iBwVYMi8g/w/GJY4JPeJxUjppisscnDrmcMBEbZ5y1oriAJ/oUAp6x9MD1hseHGzl7A5nsPIJWZnt9S9jZRJX0Yc9U0vtsPHCnJrJl3Ui+mr+/AX82jLg=','2026-11-27 05:37:05.747662','T7RJJDgoBnhJhcKQph63kD8cfzWXWvfP2FY5GXilbJQ=','1795757825.7200387','WbtdT8VtCb+OcA');
INSERT INTO `_dlt_pipeline_state` VALUES (5,4,'opendental_replication','eNrlWG1v2zYQ/iuEvjjBnEJS6jgz0A+tswYBErernWFrUQg0dbaJiKTKl7RZsf++oyQ7SmMnVasOqGbIgHR35L08d8eTPgeJsdRCcg3acCWD0aC/JoFcclnjPO0HOc8h80RJBQSjQOUgU5CWZomGPOOMWi/aDwxbgaCFmAlG72qCwft+kFJLDdj1LkB1xkEnFozFtSksqMtsUtvjjqpCxFguC2WJvck9v0YyT2rGPLlrWH1lubN0WYY+V24mK2pWuN2fMWfpySsYzye/Ds+yqyk7nf4lf7+6/BAuhrOj07dvLsaREadnF8fPvL/KaeZd/Vw3FJ801FhWKbvyNx8xvlpQfeXJ//QDpkSegYU0oRaVx2F8dBBFB/FwFg5Gh8NR+PSXMByFIWrSQO9JkbUU8p1ccMnNCtK1a7lW11wu149afTSJp8GD+1zBzdeIMZU5IQuMX1M7cYJwaYlU+EdtKDDzPn9JnCgL5JpqtqJ6Lw73ibOLYzE/TJYgQWM2MV6IkioXyOTy/Lw0ipRq+qTY2GcTw5DY3VbGPih5+rCIxyCjXNwDJzjBp9nUUpGXS8ODMMKLFHiUkEyB/ZZyW+fHt/yuwDv28fEAz/nyCzhfApBUuXkGdaqP3BT0NWfIxfs6rwpZQbdc3FtXRpx4linu1vxNRjCnNVZZshHZ268SZG1oi7mRKuYEavuG9OgK/CeK7QCfZzDBTrqp58GOem4P4dKWNvEFH9biiOhqdz6BxZbufGZBNASvAKDYrEUADCDa3N5kavk/rrFztdxeY8iYwSf7H5ZYaUqLCDsDWqWdLa9LdG87dgWnWYlNp5ONdBQ9KE2ixTCa0/C4wq2yo0Xgcg0LwCxh0N3JFV1sCNEfNHMwtRrNI9aXZpMJtlLXIkgfHLju4nMBxtDl4/BsifdMczDlqXeP2174/+Y5U2l3ARijc7cd6eujP8YjvTlq7eFC81wh9s1G92jQYKwY/AToPc/t9qMJGei/dYaAdGKvZ8D2+r1USeg91v+KN/gmje97B5LSiRZzQ6PENxXszwD5G3RqB+ZCOaSsX9d3HFHV+jbHCGp5gzKMSRh1rAyr72Nbpvs7s0cUPjx8bODq9XDtC67tqvi6cucTy61QGBZdDS8v/nqlrCLzTM1/SJGWLraYNQvobo2+hEdKFBgXNNuL4v7h/la4LkCoxtNnqbY1jPzvXwmCXaU=','2026-11-27 05:37:05.946864','X2icdDOeCbN97IlkScGSYnQkUq0f7T6GZRMC1smGIM8=','1795757825.922766','uK48O3zmjLAbZw');
INSERT INTO `_dlt_pipeline_state` VALUES (6,4,'opendental_replication','eNrdV21P40YQ/iuWvwTUcLLDQVCkfmhDT6LHRajJHaVVZW3WY3uFvWv2BS6g/veb9Qs4IQ5J5Z7aICPZM7M7L8+zs5MnN1CaaAjuQSomuDs67dci4DHjDc37vpuzHFIr5CQDd+SKHHgIXJM0kJCnjBJtTfuuoglkpDBT7ujPhqH7V98NiSYKdL0LEJkykIEGpXFtCBExqQ4aeyy5KkyUZrxwFuhFbvUNkXrXCObdcmDNleXO3KQp5lylGSREJbjd9cmvF+PM3Aw/nPH05uNHck2uT7/+fnv3QPXj3WNyfnOx4LOIn/2hfrT5CiOpTfWpGSh+SWioaEpYZl8esL4yI/K2EJ/j12yqSZaj44E38I48Hx/H80bFg/tPgf4SMv2sH+Dzov+771KR5SloCANSWZ0e+f7RYDjzTkbHw5E3/KHeSwJ5ZeXUVqg3PGKcqQTCuji5FPeMx/WnFA8qsDJo3ec97nMLi23MqEhNxguWjG19JiZz5gyppx0u8B9dotUHACcUZp5CU2orNwV5zyhq8b2pq0pWyDXLXq0rK+5YlSrear1TEdChRkoEMng2OTgs03LqQC2ZKdZTt6c4sBXNw00mQwtgKKjJ0Ns/oMe+wH8uaAv4LIUJHlbnnkiaEHlw4h06Rkdn2fw4iIGDxAZEWZcIl7F0iC/Jc4FpbQ3xfp7wn3K9HmJUYP7aKAe4yQ56eD30+r1QcOi9BfVE4MHX8FWvtWvCPfl8edkBN8okOuRGjvfRDrw43j9eXJEWXlwunXvf23zwn8Hr9XDtz0zqpLgWlu6GFyPPKzopPtb8KhFaOPNUzP8V1pQpdsiaCOAVY/57fBhux4fhMh/wum/pE5kwKAmBsoykB/6gf3y4Fq5PkImduoLFqHTbIUYSLd4GqSpmjUb52Sz+k6u03SpeoKsI1YEmOArZwVMTqTeXtTYxmrbakAjjs4X3PZt9wuKkDNQi7I58D0NOCI9tMN4SUr9hWJuhqqa2lpJX67up+aDopps5WkpXKVlKX/JaCaeCpOHdStCZFkIne3sMq7a8AuzM5rwqLG7huk8PWtp0CwdKN32n2LjLmRps4YpffvuK0DlEaxC60JDtODAXQ2+xWYdHUQHeh0wvUhH/f7vgVtP5m33yUsQtE46IZ/aa+j6/bcZY8lXCPC/xKx6UsW7Bg+G2A+73bMlGgRTh3p74z5jeeiYVmt1O/XQ6eRmu/c2ztR8N/TnxziqSVHF0enFDBMhZur9z7RWmuCNEX0hqYKolhrfzPFu76/BOvTNg9hefT6AUid+GZ029Z5KBKvvqK2135X9kORXh/gIwxuQaP/e3rv4Yp4zdUeuqd9m/bzlFyCY=','2026-11-27 05:37:07.483248','W5JICmuY7F8nlYKKaWaW6xXkqwctzqzhDYIynTfn8Zs=','1795757827.4224358','ZdzuydUl99mWxA');
INSERT INTO `_dlt_pipeline_state` VALUES (7,4,'opendental_replication','eNrdV21v00gQ/iuWv6TVpchOUwyR+ADt3al3aa4lKYg7IWuzHttLba/Zl0Kp7r8z65fWSeM0QQZBKleyZ2Z3Xp5nZye3ti8VUeBfg5CMZ/bI69ciyCKWNTTDvp2zHBIjzEgK9sjmOWQBZIokvoA8YZQoY9q3JY0hJYWZtEf/NQzt9307IIpIUPUuQETCQPgKpMK1AYREJ8pv7LHgqjCRimWFM1/d5EbfEMknjWCeLAbWXFnunOkkwZyrNP2YyBi3Yxdn0UV8oueXc/UPHz6fsj/Hn7+cTl8efXjjvv13Mvzr4uqdfHr64e/hC5Mv14KaVG+bgeKXgIaKJoSl5uUT1lekRFwV4hP8mk0VSXN0PHAGzoHj4mM5zqh4cP8p0N8Dpu70A3zu9f/3bcrTPAEFgU8qq6cHrnsw8GbO0ejQGzneb/VeAsgDK6u2Qr3OQpYxGUNQFycX/JplUf0p+CfpGxm07jPEfa7gZhMzyhOdZgVLjk19Jjq15gypp6yM4z+6RKs/AKyA63kCTamp3BTENaOoxfemripZIVcsfbCurLhlVLJ4q/VWRUCLaiEQSP/OZG+/TMuqAzVkplhP1Z7iwFQ0D9aZeAbAgFOdordvoMcvC7+3CP8Jpy3gswQmeFitayJoTMTekbNvaRU+S+eHfgQZCGxAlHWJcBlLh/iSPOeY1sYQ7+YJf5mr1RCjAvNXWlqQ6XSvh9dDr98LeAa9x6CecDz4Cj6rlXZNuCeX43EH3CiT6JAbOd5HW/DicPeO/jlp4cV44dy7zvqDfwder4drXzGh4uJaWLgb7o0cp+ik+Bjz85grbs0TPv8urClT7JA1IcADxvx8fPC+iQ943bf0iZRrlARAWUqSPXfQP9xfCdcZpHyrrmAwKt12iJFAi8dBqopZo1F+Not/a0tltopu0FWIal8RHIXM4KmIUOvLWptoRVttSIjxmcK7jsk+ZlFcBmoQtkeugyHHJItMMM4CUq8xrPVQVVNbS8mr9d3UfFB00/UcLaXLlCyl93kthVNB0vBuJOhMca7inT2GVVteAnZmcl4WFrdw3acHLW26hQOlm75VbNzlTA2mcMUvv11F6ATCFQidKki3HJiLobfYrMOjKAHvQ6ZuEh79ul1wo+n80T455lHLhMOjmbmmfsxvm2Ms+TJh7pa4FQ/KWDfggbfpgPsjW7KWIHiwsyf+EtNbzaRCs92pn04n98O1u362dkPPnRPnWUWSKo5OL24IATlLd3euPccUt4ToDUk0TJXA8LaeZ2t3Hd6pHzXo3cXnDKQk0ePwrKj3TDCQZV99oO2u/F9YTnmwuwAcY3KNn/sbV/8Yp4ztUeuqd5m/r1+1xvQ=','2026-11-27 05:37:07.762663','iQMgQhDubUbtOo49SiGLxzISA5jV1WZN4JQkYs6IjK4=','1795757827.735903','3Drvcxi+bSmA+g');
INSERT INTO `_dlt_pipeline_state` VALUES (8,4,'opendental_replication','eNrdWG1v2zYQ/iuCvjjBnE5SkjkxsA9d3G5DE9eY3RToMAg0dZKIiKJGUsnSoP99R70ksmM5dqEWmwwZkO6O5N3z3PEoPdi+0kSDfwtSMZHa47NhLYI0YmlDczK0M5ZBYoQp4WCPbZFBGkCqSeJLyBJGiTamQ1vRGDgpzJQ9/rNhaP81tAOiiQJdzwJEJgykr0FpHBtASPJE+405VpYqTJRmabGYr+8zo2+I1KuGM69WHWuOLGdO8yTBmKsw/ZioGKeb/frmHZl453cf0Sh4+/H8Uzo/fTe7BjlJPrEbl//Gf3ztXF+9Pz/52cQrcklNqA9NR/FJQkNFE8K4ublDfCUn8qYQT/BpMdeEZ7iw53jOkePiZTnOuLhw/jnQNwHTj3oPryf9l6FNBc8S0BD4pLL66ch1j7zRwjkdH4/GzuiHei4J5JmVVVuhPk9DljIVQ1CDk0lxy9KofpTiTvlGBq3znOA8N3C/ixkVSc7TIksuDD7TnFtLhqmnrVTgH5dEq7cAViDyZQJNqUFuDvKWUdTifVNXQVbINePPxpWIW0alirtab1UJaNFcSiTSfzQ5OCzDsmpHTTJTxFO3h+gZRLNgm8nIEBgImnNc7SvS439L/2iV/omgLeSzBKZYh9YtkTQm8uDUObRyHZ7x5bEfQQoSNyDKumS49KVDfkmWCQxrZ4r7WeGvM72ZYlRg/DpXFqQ5PxhgexgMB4FIYfAS1VOBha/hH73Rrkn39MPlZQe5UQbRYW5k2I/2yIvj/pX+jLTkxeVK3bvO9sJ/JG8wwLG/MKnjoi2s9IYnI8cpdlK8jPksFlpYy0Qsv0nWlCF2mDUhwLOM+e/lw+ir8gHbfcs+wUWOkgAo4yQ5cL3h8eFGuq6Ai712BcNRuWyHHGkhdNxblqqqXaNoYWJeFxabdF3GXksVt7BSLjO0iom7PHKBAa54MegrQxMINzD0uwa+53mqOBMVk3VDgGcIyBVIEfQW/A8Y3uZdrNDsR8B8Pn1qg+72LuiGI3dJnLOKt8qPDonLJISAfY72twPNMMQ9KbomSQ5zLdG9vTtPvVyH29vfOeT95ecKlCLRy/RswHshGahyT3ym7Q7+zyyjIugvARcYXONgvjP6F0zf789ad3uXRIvekvIHBrX94Fx9Q2vZhqrxHcKtAF+JkPJERC+jXqFTw1s+NtF8sJU2BEb3uGKIal8TjMd8gdVE6u041Sa5pq02JET/DJKeY0CIWRTv+oHGkGqPPQeDikkaGXedFXIuRdTykiuihekX3+fz1gVCvn4ofBziVolQ+rpDHox2/caxvQJK6XrCl9InCNfcqfKjsbqRfDG/fwGMbJf5','2026-11-27 05:37:07.950311','PGEKaD29wWamedFW9ZnS5KPVerDlZik1mHm/A0VMO94=','1795757827.9159808','L3toM+UQaL9RMg');
INSERT INTO `_dlt_pipeline_state` VALUES (9,4,'opendental_replication','eNrdWG1vm0gQ/iuIL05Up8I4jVNL/XAXp6cqqZWr3VS6U4XWywCrAsvti1M36n+/WV4S7BjHrrhTi4UlmJndnXmemZ2Fe9uTiijwliAk46k9ft2vRJCGLK1pTvt2xjKIjTAlCdhjm2eQ+pAqEnsCsphRooxp35Y0goTkZtIe/10ztD/3bZ8oIkFVswARMQPhKZAKx/oQEB0rrzbH2lK5iVQszRfz1Coz+ppIvqw583LdsfrIYuZUxzHGXIbpRURGON3Vlfrr7e0fny5Xf74QZDgJXk+G0fKde+v46pRdzb+55+7lWXY1P7t7Y+LlWlAT6n3dUXwSUFPRmLDE3NwhviIh4ksunuDTfKZIkuHCruM6J84AL8txxvmF88+AXvpMPehdvB713/s25UkWgwLfI6XV2clgcOKO5s6r8XA0dkYvqrkEkCdWVmWFep0GLGUyAr8CJxN8ydKwehT8TnpGBo3znOI8X2C1jxnlsU7SPEsuDD5TnVgLhqmnrJTjH5dEq7cAls/1Ioa61CA3A7FkFLV4X9eVkOVyxZIn4wrELaOS+V2lt8oEtKgWAon0HkyOjouwrMpRk8wU8VTNIboG0czfZTIyBPqc6gRX+4H0+GXpH63TP+G0gXwWwxSL1VoSQSMijl45x5ZWwXmyGHohpCBwA6KsTYYLX1rkl2QZx7D2pribFf5bprZTjAqMX2lpQaqTox62h16/5/MUes9RPeVY+Aq+qq12dbqnH6+vW8iNIogWcyPDfnRAXgy7V/o3pCEvrtfqfuDsLvwH8no9HPs7EyrK28Jab3g0cpx8J8XLmN9EXHFrEfPFf5I1RYgtZk0A8CRjfr58GP1QPmC7b9gnEq5R4gNlCYmPBm5/eLyVrveQ8IN2BcNRsWyLHCnOVdRZlsqq3aBobmLeFOabdFXGbkMVN7BSLNO38onbPHKBAS5/MegqQxMItjD0TkFy4HkqPxPlk7VDgGsI0BIE9zsL/kcMb/sulmsOI2A2mz62wcHuLjgIRoMFcc5L3ko/WiQuExAA9jna3Q50gyEeSNEtiTXMlED3Du481XItbm//aNDd5ec9SEnC5+nZgvdcMJDFnvhE2x7831hGud9dAi4wuNrBfG/0L5haHc5ae3uXQIvOkvIBg9p9cC6/oTVsQ+X4FuGWgK9ESHnMw+dRL9Gp4C0e62je21IZAsMVrhig2lME4zFfYBURajdOlYlWtNGGBOifQXLoGBAiFkb7fqAxpNrjoYNBRSQNjbvOGjnXPGx4yeXh3PSL/+fz1gVCvnkofBgyKBOh8HWPPBjt+41jdwUU0s2EL6SPEG64U+ZHbXUj+W5+/wKMXZe6','2026-11-27 05:37:08.233136','KKtZFVGWEyQ+ra3Df9D3hvI2V0dt4iKTz282E6pKT6w=','1795757828.2024884','crLe/oehlQBJHA');
DROP TABLE IF EXISTS `_dlt_version`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `_dlt_version` (
  `version` bigint(20) NOT NULL,
  `engine_version` bigint(20) NOT NULL,
  `inserted_at` datetime(6) NOT NULL,
  `schema_name` longtext NOT NULL,
  `version_hash` longtext NOT NULL,
  `schema` longtext NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `_dlt_version` VALUES (2,11,'2026-11-27 05:37:05.034974','opendental','5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=','{\"version\":2,\"version_hash\":\"5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=\",\"engine_version\":11,\"name\":\"opendental\",\"tables\":{\"_dlt_version\":{\"name\":\"_dlt_version\",\"columns\":{\"version\":{\"name\":\"version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Numeric version of the schema, incremented on each schema change\"},\"engine_version\":{\"name\":\"engine_version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Version of the dlt schema engine that created this schema\"},\"inserted_at\":{\"name\":\"inserted_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when this schema version was stored\"},\"schema_name\":{\"name\":\"schema_name\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Name of the schema\"},\"version_hash\":{\"name\":\"version_hash\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Unique hash of the schema content, used to detect changes\"},\"schema\":{\"name\":\"schema\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"JSON representation of the complete schema definition\"}},\"write_disposition\":\"skip\",\"resource\":\"_dlt_version\",\"description\":\"Created by DLT. Tracks schema updates\"},\"_dlt_loads\":{\"name\":\"_dlt_loads\",\"columns\":{\"load_id\":{\"name\":\"load_id\",\"data_type\":\"text\",\"nullable\":false,\"precision\":64,\"description\":\"Unique identifier of the load operation\"},\"schema_name\":{\"name\":\"schema_name\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Name of the schema associated with this load\"},\"status\":{\"name\":\"status\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Status of the load operation (0 = success)\"},\"inserted_at\":{\"name\":\"inserted_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when the load was completed\"},\"schema_version_hash\":{\"name\":\"schema_version_hash\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Hash of the schema version used during this load\"}},\"write_disposition\":\"skip\",\"resource\":\"_dlt_loads\",\"description\":\"Created by DLT. Tracks completed loads\"},\"fee\":{\"columns\":{\"FeeNum\":{\"name\":\"FeeNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"fee\",\"resource\":\"fee\",\"x-normalizer\":{\"seen-data\":true}},\"patient\":{\"columns\":{\"PatNum\":{\"name\":\"PatNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"patient\",\"resource\":\"patient\",\"x-normalizer\":{\"seen-data\":true}},\"appointment\":{\"columns\":{\"AptNum\":{\"name\":\"AptNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"appointment\",\"resource\":\"appointment\",\"x-normalizer\":{\"seen-data\":true}},\"rate\":{\"columns\":{\"RateNum\":{\"name\":\"RateNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"rate\",\"resource\":\"rate\",\"x-normalizer\":{\"seen-data\":true}},\"tooth\":{\"columns\":{\"PatNum\":{\"name\":\"PatNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false},\"Tooth\":{\"name\":\"Tooth\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"tooth\",\"resource\":\"tooth\",\"x-normalizer\":{\"seen-data\":true}},\"claim\":{\"columns\":{\"ClaimNum\":{\"name\":\"ClaimNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"claim\",\"resource\":\"claim\",\"x-normalizer\":{\"seen-data\":true}},\"document\":{\"columns\":{\"DocNum\":{\"name\":\"DocNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"document\",\"resource\":\"document\",\"x-normalizer\":{\"seen-data\":true}},\"definition\":{\"columns\":{\"DefNum\":{\"name\":\"DefNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"definition\",\"resource\":\"definition\",\"x-normalizer\":{\"seen-data\":true}},\"securitylog\":{\"columns\":{\"LogNum\":{\"name\":\"LogNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"securitylog\",\"resource\":\"securitylog\",\"x-normalizer\":{\"seen-data\":true}},\"userod\":{\"columns\":{\"UserNum\":{\"name\":\"UserNum\",\"data_type\":\"bigint\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"userod\",\"resource\":\"userod\",\"x-normalizer\":{\"seen-data\":true}},\"preference\":{\"columns\":{\"PrefName\":{\"name\":\"PrefName\",\"data_type\":\"text\",\"primary_key\":true,\"nullable\":false}},\"write_disposition\":\"replace\",\"name\":\"preference\",\"resource\":\"preference\",\"x-normalizer\":{\"seen-data\":true}},\"queue\":{\"columns\":{},\"write_disposition\":\"replace\",\"name\":\"queue\",\"resource\":\"queue\",\"x-normalizer\":{\"seen-data\":true}},\"zipcode\":{\"columns\":{},\"write_disposition\":\"replace\",\"name\":\"zipcode\",\"resource\":\"zipcode\",\"x-normalizer\":{\"seen-data\":true}},\"_dlt_pipeline_state\":{\"columns\":{\"version\":{\"name\":\"version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Numeric version of the pipeline state\"},\"engine_version\":{\"name\":\"engine_version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Version of the dlt state engine\"},\"pipeline_name\":{\"name\":\"pipeline_name\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Name of the pipeline this state belongs to\"},\"state\":{\"name\":\"state\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Compressed JSON representation of the pipeline state\"},\"created_at\":{\"name\":\"created_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when this state was created\"},\"version_hash\":{\"name\":\"version_hash\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Hash of the state content, used to detect changes\"},\"_dlt_load_id\":{\"name\":\"_dlt_load_id\",\"data_type\":\"text\",\"nullable\":false,\"precision\":64,\"description\":\"Load identifier linking this row to its load operation\"},\"_dlt_id\":{\"name\":\"_dlt_id\",\"data_type\":\"text\",\"nullable\":false,\"unique\":true,\"row_key\":true}},\"write_disposition\":\"append\",\"file_format\":\"preferred\",\"name\":\"_dlt_pipeline_state\",\"resource\":\"_dlt_pipeline_state\",\"x-normalizer\":{\"seen-data\":true}}},\"settings\":{\"detections\":[\"iso_timestamp\"],\"default_hints\":{\"not_null\":[\"_dlt_id\",\"_dlt_root_id\",\"_dlt_parent_id\",\"_dlt_list_idx\",\"_dlt_load_id\"],\"parent_key\":[\"_dlt_parent_id\"],\"root_key\":[\"_dlt_root_id\"],\"unique\":[\"_dlt_id\"],\"row_key\":[\"_dlt_id\"]}},\"normalizers\":{\"names\":\"sources.opendental.naming\",\"json\":{\"module\":\"dlt.common.normalizers.json.relational\",\"config\":{\"max_nesting\":0}}},\"previous_hashes\":[\"H0c8ai0pk08J72+3uKCRJg3fV3H6PydBqtakf6IhIDQ=\",\"RxxA4WHh4JXdHmEWscdNoQ/veY0oDtFhRjQu4eDSI7E=\"]}');
INSERT INTO `_dlt_version` VALUES (3,11,'2026-11-27 05:37:07.606667','opendental','n7MFTLD1F3Gp56mzeSzLJRw155y7sbos5GhL+CrJ4cc=','{\"version\":3,\"version_hash\":\"n7MFTLD1F3Gp56mzeSzLJRw155y7sbos5GhL+CrJ4cc=\",\"engine_version\":11,\"name\":\"opendental\",\"tables\":{\"_dlt_version\":{\"name\":\"_dlt_version\",\"columns\":{\"version\":{\"name\":\"version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Numeric version of the schema, incremented on each schema change\"},\"engine_version\":{\"name\":\"engine_version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Version of the dlt schema engine that created this schema\"},\"inserted_at\":{\"name\":\"inserted_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when this schema version was stored\"},\"schema_name\":{\"name\":\"schema_name\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Name of the schema\"},\"version_hash\":{\"name\":\"version_hash\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Unique hash of the schema content, used to detect changes\"},\"schema\":{\"name\":\"schema\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"JSON representation of the complete schema definition\"}},\"write_disposition\":\"skip\",\"resource\":\"_dlt_version\",\"description\":\"Created by DLT. Tracks schema updates\"},\"_dlt_loads\":{\"name\":\"_dlt_loads\",\"columns\":{\"load_id\":{\"name\":\"load_id\",\"data_type\":\"text\",\"nullable\":false,\"precision\":64,\"description\":\"Unique identifier of the load operation\"},\"schema_name\":{\"name\":\"schema_name\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Name of the schema associated with this load\"},\"status\":{\"name\":\"status\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Status of the load operation (0 = success)\"},\"inserted_at\":{\"name\":\"inserted_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when the load was completed\"},\"schema_version_hash\":{\"name\":\"schema_version_hash\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Hash of the schema version used during this load\"}},\"write_disposition\":\"skip\",\"resource\":\"_dlt_loads\",\"description\":\"Created by DLT. Tracks completed loads\"},\"fee\":{\"columns\":{\"FeeNum\":{\"name\":\"FeeNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"merge\",\"name\":\"fee\",\"resource\":\"fee\",\"x-normalizer\":{\"seen-data\":true}},\"patient\":{\"columns\":{\"PatNum\":{\"name\":\"PatNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"merge\",\"name\":\"patient\",\"resource\":\"patient\",\"x-normalizer\":{\"seen-data\":true}},\"appointment\":{\"columns\":{\"AptNum\":{\"name\":\"AptNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"merge\",\"name\":\"appointment\",\"resource\":\"appointment\",\"x-normalizer\":{\"seen-data\":true}},\"rate\":{\"columns\":{\"RateNum\":{\"name\":\"RateNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"rate\",\"resource\":\"rate\",\"x-normalizer\":{\"seen-data\":true}},\"tooth\":{\"columns\":{\"PatNum\":{\"name\":\"PatNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true},\"Tooth\":{\"name\":\"Tooth\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"tooth\",\"resource\":\"tooth\",\"x-normalizer\":{\"seen-data\":true}},\"claim\":{\"columns\":{\"ClaimNum\":{\"name\":\"ClaimNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"merge\",\"name\":\"claim\",\"resource\":\"claim\",\"x-normalizer\":{\"seen-data\":true}},\"document\":{\"columns\":{\"DocNum\":{\"name\":\"DocNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"merge\",\"name\":\"document\",\"resource\":\"document\",\"x-normalizer\":{\"seen-data\":true}},\"definition\":{\"columns\":{\"DefNum\":{\"name\":\"DefNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"definition\",\"resource\":\"definition\",\"x-normalizer\":{\"seen-data\":true}},\"securitylog\":{\"columns\":{\"LogNum\":{\"name\":\"LogNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"securitylog\",\"resource\":\"securitylog\",\"x-normalizer\":{\"seen-data\":true}},\"userod\":{\"columns\":{\"UserNum\":{\"name\":\"UserNum\",\"data_type\":\"bigint\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"userod\",\"resource\":\"userod\",\"x-normalizer\":{\"seen-data\":true}},\"preference\":{\"columns\":{\"PrefName\":{\"name\":\"PrefName\",\"data_type\":\"text\",\"nullable\":false,\"primary_key\":true}},\"write_disposition\":\"replace\",\"name\":\"preference\",\"resource\":\"preference\",\"x-normalizer\":{\"seen-data\":true}},\"queue\":{\"columns\":{},\"write_disposition\":\"replace\",\"name\":\"queue\",\"resource\":\"queue\",\"x-normalizer\":{\"seen-data\":true}},\"zipcode\":{\"columns\":{},\"write_disposition\":\"replace\",\"name\":\"zipcode\",\"resource\":\"zipcode\",\"x-normalizer\":{\"seen-data\":true}},\"_dlt_pipeline_state\":{\"columns\":{\"version\":{\"name\":\"version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Numeric version of the pipeline state\"},\"engine_version\":{\"name\":\"engine_version\",\"data_type\":\"bigint\",\"nullable\":false,\"description\":\"Version of the dlt state engine\"},\"pipeline_name\":{\"name\":\"pipeline_name\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Name of the pipeline this state belongs to\"},\"state\":{\"name\":\"state\",\"data_type\":\"text\",\"nullable\":false,\"description\":\"Compressed JSON representation of the pipeline state\"},\"created_at\":{\"name\":\"created_at\",\"data_type\":\"timestamp\",\"nullable\":false,\"description\":\"Timestamp when this state was created\"},\"version_hash\":{\"name\":\"version_hash\",\"data_type\":\"text\",\"nullable\":true,\"description\":\"Hash of the state content, used to detect changes\"},\"_dlt_load_id\":{\"name\":\"_dlt_load_id\",\"data_type\":\"text\",\"nullable\":false,\"precision\":64,\"description\":\"Load identifier linking this row to its load operation\"},\"_dlt_id\":{\"name\":\"_dlt_id\",\"data_type\":\"text\",\"nullable\":false,\"unique\":true,\"row_key\":true}},\"write_disposition\":\"append\",\"file_format\":\"preferred\",\"name\":\"_dlt_pipeline_state\",\"resource\":\"_dlt_pipeline_state\",\"x-normalizer\":{\"seen-data\":true}}},\"settings\":{\"detections\":[\"iso_timestamp\"],\"default_hints\":{\"not_null\":[\"_dlt_id\",\"_dlt_root_id\",\"_dlt_parent_id\",\"_dlt_list_idx\",\"_dlt_load_id\"],\"parent_key\":[\"_dlt_parent_id\"],\"root_key\":[\"_dlt_root_id\"],\"unique\":[\"_dlt_id\"],\"row_key\":[\"_dlt_id\"]}},\"normalizers\":{\"names\":\"sources.opendental.naming\",\"json\":{\"module\":\"dlt.common.normalizers.json.relational\",\"config\":{\"max_nesting\":0,\"propagation\":{\"tables\":{\"fee\":{\"_dlt_id\":\"_dlt_root_id\"},\"patient\":{\"_dlt_id\":\"_dlt_root_id\"},\"appointment\":{\"_dlt_id\":\"_dlt_root_id\"},\"claim\":{\"_dlt_id\":\"_dlt_root_id\"},\"document\":{\"_dlt_id\":\"_dlt_root_id\"}}}}}},\"previous_hashes\":[\"5TJIMfgDQSloso0CBnJI6wtL95M5hgcr79Vz+WUIwGY=\",\"H0c8ai0pk08J72+3uKCRJg3fV3H6PydBqtakf6IhIDQ=\",\"RxxA4WHh4JXdHmEWscdNoQ/veY0oDtFhRjQu4eDSI7E=\"]}');
DROP TABLE IF EXISTS `appointment`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `appointment` (
  `AptNum` bigint(20) NOT NULL,
  `AptStatus` enum('set','done') CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `Note` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`AptNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `appointment` VALUES (1,'done','é','2020-01-01 01:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (2,'set','éé','2020-01-01 02:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (3,'done',NULL,'2020-01-01 03:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (4,'set','moved','2020-02-02 00:00:00','2026-11-27 05:37:07.646084');
INSERT INTO `appointment` VALUES (5,'done','ééééé','2020-01-01 05:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (6,'set',NULL,'2020-01-01 06:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (7,'done','ééééééé','2020-01-01 07:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (8,'set','éééééééé','2020-01-01 08:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (9,'done',NULL,'2020-01-01 09:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (10,'set','éééééééééé','2020-01-01 10:00:00','2026-11-27 05:37:05.049223');
INSERT INTO `appointment` VALUES (11,'done','ééééééééééé','2020-01-01 11:00:00','2026-11-27 05:37:05.350672');
INSERT INTO `appointment` VALUES (12,'set',NULL,'2020-01-01 12:00:00','2026-11-27 05:37:05.350672');
INSERT INTO `appointment` VALUES (13,'done','ééééééééééééé','2020-01-01 13:00:00','2026-11-27 05:37:05.350672');
INSERT INTO `appointment` VALUES (14,'set','éééééééééééééé','2020-01-01 14:00:00','2026-11-27 05:37:05.350672');
INSERT INTO `appointment` VALUES (15,'done',NULL,'2020-01-01 15:00:00','2026-11-27 05:37:05.350672');
DROP TABLE IF EXISTS `claim`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `claim` (
  `ClaimNum` bigint(20) NOT NULL,
  `Fee` double NOT NULL,
  `DateService` date NOT NULL,
  `SecEdit` datetime NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`ClaimNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `claim` VALUES (1,0.1,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (2,0.2,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (3,0.3,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (4,0.4,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (5,7,'2019-01-01','2020-02-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:07.684357');
INSERT INTO `claim` VALUES (6,0.6,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (7,0.7,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
INSERT INTO `claim` VALUES (8,0.8,'2019-01-01','2020-01-02 00:00:00','2020-01-01 00:00:00','2026-11-27 05:37:05.066632');
DROP TABLE IF EXISTS `definition`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `definition` (
  `DefNum` int(11) NOT NULL,
  `ItemName` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`DefNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `definition` VALUES (1,'item 1','2026-11-27 05:37:05.073020');
INSERT INTO `definition` VALUES (2,'item 2','2026-11-27 05:37:05.073020');
INSERT INTO `definition` VALUES (3,'item 3','2026-11-27 05:37:05.073020');
INSERT INTO `definition` VALUES (4,'item 4','2026-11-27 05:37:05.073020');
INSERT INTO `definition` VALUES (5,'item 5','2026-11-27 05:37:05.073020');
INSERT INTO `definition` VALUES (6,'item 6','2026-11-27 05:37:05.073020');
DROP TABLE IF EXISTS `document`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `document` (
  `DocNum` bigint(20) NOT NULL,
  `FileName` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`DocNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `document` VALUES (1,'1.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
INSERT INTO `document` VALUES (4,'4.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
INSERT INTO `document` VALUES (5,'5.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
INSERT INTO `document` VALUES (6,'6.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
INSERT INTO `document` VALUES (7,'7.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
INSERT INTO `document` VALUES (8,'8.pdf','2020-01-01 00:00:00','2026-11-27 05:37:05.099993');
DROP TABLE IF EXISTS `etl_copy_status`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `etl_copy_status` (
  `table_name` varchar(64) NOT NULL,
  `last_primary_value` varchar(255) DEFAULT NULL,
  `primary_column_name` varchar(64) DEFAULT NULL,
  `rows_copied` bigint(20) DEFAULT NULL,
  `copy_status` varchar(16) NOT NULL,
  `last_copied_at` datetime(6) DEFAULT NULL,
  `strategy_used` varchar(32) DEFAULT NULL,
  `duration_seconds` double DEFAULT NULL,
  `error` text DEFAULT NULL,
  `_created_at` datetime(6) NOT NULL,
  `_updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`table_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `etl_copy_status` VALUES ('appointment','2020-02-02 00:00:00','DateTStamp',3,'success','2026-11-27 05:37:08.463374','incremental',0.06,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('claim','2020-01-01 00:00:00','DateTStamp',8,'success','2026-11-27 05:37:08.463412','incremental',0.019,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('definition',NULL,NULL,6,'success','2026-11-27 05:37:08.463435','full_table',0.039,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('document','2020-01-01 00:00:00','DateTStamp',6,'success','2026-11-27 05:37:08.463424','incremental',0.041,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('fee',NULL,NULL,1,'success','2026-11-27 05:37:08.463333','reconcile_rows',0.064,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('patient','2020-02-03 00:00:00','DateTStamp',4,'success','2026-11-27 05:37:08.463358','incremental',0.057,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('preference',NULL,NULL,3,'success','2026-11-27 05:37:08.463473','full_table',0.014,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('queue',NULL,NULL,2,'success','2026-11-27 05:37:08.463485','full_table',0.02,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('rate',NULL,NULL,12,'success','2026-11-27 05:37:08.463388','full_table',0.064,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('securitylog','2020-01-01 00:00:00','DateTStamp',20,'failed','2026-11-27 05:37:06.227092','full_table',0.039,'table securitylog, hop replication: cannot be written: the server refused the statement (MySQL error 1644)','2026-11-27 05:37:04.593771','2026-11-27 05:37:08.467036');
INSERT INTO `etl_copy_status` VALUES ('tooth',NULL,NULL,8,'success','2026-11-27 05:37:08.463399','full_table',0.033,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('userod',NULL,NULL,4,'success','2026-11-27 05:37:08.463462','full_table',0.03,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
INSERT INTO `etl_copy_status` VALUES ('zipcode',NULL,NULL,3,'success','2026-11-27 05:37:08.463496','full_table',0.022,NULL,'2026-11-27 05:37:04.593771','2026-11-27 05:37:08.463893');
DROP TABLE IF EXISTS `etl_fence`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `etl_fence` (
  `id` tinyint(4) NOT NULL,
  `run_token` varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `lock_name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `session_id` bigint(20) unsigned NOT NULL,
  `locked_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `etl_fence` VALUES (1,'cf3a17cf9a464486a4958b8bb817bc04','opendental:earlier_test',16,'2026-11-27 05:37:07');
DROP TABLE IF EXISTS `etl_tombstones`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `etl_tombstones` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `table_name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `row_key` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
  `deleted_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6),
  PRIMARY KEY (`id`),
  KEY `by_table` (`table_name`,`deleted_at`)
) ENGINE=InnoDB AUTO_INCREMENT=22 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `etl_tombstones` VALUES (1,'fee',NULL,'2026-11-27 05:37:05.043932');
INSERT INTO `etl_tombstones` VALUES (2,'appointment',NULL,'2026-11-27 05:37:05.047218');
INSERT INTO `etl_tombstones` VALUES (3,'userod',NULL,'2026-11-27 05:37:05.063157');
INSERT INTO `etl_tombstones` VALUES (4,'claim',NULL,'2026-11-27 05:37:05.063932');
INSERT INTO `etl_tombstones` VALUES (5,'tooth',NULL,'2026-11-27 05:37:05.064183');
INSERT INTO `etl_tombstones` VALUES (6,'preference',NULL,'2026-11-27 05:37:05.065033');
INSERT INTO `etl_tombstones` VALUES (7,'definition',NULL,'2026-11-27 05:37:05.070423');
INSERT INTO `etl_tombstones` VALUES (8,'queue',NULL,'2026-11-27 05:37:05.078928');
INSERT INTO `etl_tombstones` VALUES (9,'patient',NULL,'2026-11-27 05:37:05.081433');
INSERT INTO `etl_tombstones` VALUES (10,'securitylog',NULL,'2026-11-27 05:37:05.082777');
INSERT INTO `etl_tombstones` VALUES (11,'zipcode',NULL,'2026-11-27 05:37:05.091216');
INSERT INTO `etl_tombstones` VALUES (12,'rate',NULL,'2026-11-27 05:37:05.098832');
INSERT INTO `etl_tombstones` VALUES (13,'document',NULL,'2026-11-27 05:37:05.099000');
INSERT INTO `etl_tombstones` VALUES (14,'queue',NULL,'2026-11-27 05:37:07.621877');
INSERT INTO `etl_tombstones` VALUES (15,'fee','[\"9\"]','2026-11-27 05:37:07.627026');
INSERT INTO `etl_tombstones` VALUES (16,'zipcode',NULL,'2026-11-27 05:37:07.644577');
INSERT INTO `etl_tombstones` VALUES (17,'tooth','[\"1\", \"3\"]','2026-11-27 05:37:07.679088');
INSERT INTO `etl_tombstones` VALUES (18,'patient','[\"7\"]','2026-11-27 05:37:07.879504');
INSERT INTO `etl_tombstones` VALUES (19,'document','[\"2\"]','2026-11-27 05:37:07.880559');
INSERT INTO `etl_tombstones` VALUES (20,'document','[\"3\"]','2026-11-27 05:37:07.880559');
DROP TABLE IF EXISTS `fee`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `fee` (
  `FeeNum` bigint(20) NOT NULL,
  `Amount` decimal(12,3) DEFAULT NULL,
  `Memo` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`FeeNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `fee` VALUES (1,0.125,'','2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (2,0.250,NULL,'2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (3,0.375,'','2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (4,0.500,NULL,'2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (5,0.625,'','2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (6,0.750,NULL,'2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (7,0.875,'','2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (8,1.000,NULL,'2026-11-27 05:37:05.046152');
INSERT INTO `fee` VALUES (10,99.000,NULL,'2026-11-27 05:37:07.642449');
INSERT INTO `fee` VALUES (11,1.375,'','2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (12,1.500,NULL,'2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (13,1.625,'','2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (14,1.750,NULL,'2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (15,1.875,'','2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (16,2.000,NULL,'2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (17,2.125,'','2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (18,2.250,NULL,'2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (19,2.375,'','2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (20,2.500,NULL,'2026-11-27 05:37:05.354186');
INSERT INTO `fee` VALUES (21,2.625,'','2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (22,2.750,NULL,'2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (23,2.875,'','2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (24,3.000,NULL,'2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (25,3.125,'','2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (26,3.250,NULL,'2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (27,3.375,'','2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (28,3.500,NULL,'2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (29,3.625,'','2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (30,3.750,NULL,'2026-11-27 05:37:05.647653');
INSERT INTO `fee` VALUES (31,3.875,'','2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (32,4.000,NULL,'2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (33,4.125,'','2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (34,4.250,NULL,'2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (35,4.375,'','2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (36,4.500,NULL,'2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (37,4.625,'','2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (38,4.750,NULL,'2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (39,4.875,'','2026-11-27 05:37:05.884098');
INSERT INTO `fee` VALUES (40,5.000,NULL,'2026-11-27 05:37:05.884098');
DROP TABLE IF EXISTS `patient`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `patient` (
  `PatNum` bigint(20) NOT NULL,
  `LName` varchar(100) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `Birthdate` date NOT NULL,
  `Photo` blob DEFAULT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`PatNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `patient` VALUES (1,'Name1','1980-02-04',0xC4CA4238A0B923820DCC509A6F75849B,'2020-01-01 01:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (2,'Ng','1980-02-05',0xC81E728D9D4C2F636F067F89CC14862C,'2020-02-02 00:00:00','2026-11-27 05:37:07.664784');
INSERT INTO `patient` VALUES (3,'Name3','0000-00-00',0xECCBC87E4B5CE2FE28308FD9F2A7BAF3,'2020-01-01 00:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (4,'Name4','1980-02-07',0xA87FF679A2F3E71D9181A67B7542122C,'2020-01-01 04:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (5,'Name5','1980-02-08',0xE4DA3B7FBBCE2345D7772B0674A318D5,'2020-01-01 05:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (6,'Name6','1980-02-09',0x1679091C5A880FAF6FB5E6087EB1B2DC,'2020-01-01 06:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (8,'Name8','1980-02-11',0xC9F0F895FB98AB9159F51FD0297E236D,'2020-01-01 08:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (9,'Name9','1980-02-12',0x45C48CCE2E2D7FBDEA1AFC51C7C6AD26,'2020-01-01 09:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (10,'Name10','1980-02-13',0xD3D9446802A44259755D38E6D163E820,'2020-01-01 10:00:00','2026-11-27 05:37:05.083706');
INSERT INTO `patient` VALUES (11,'Name11','1980-02-14',0x6512BD43D9CAA6E02C990B0A82652DCA,'2020-01-01 11:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (12,'Name12','1980-02-15',0xC20AD4D76FE97759AA27A0C99BFF6710,'2020-01-01 12:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (13,'Name13','1980-02-16',0xC51CE410C124A10E0DB5E4B97FC2AF39,'2020-01-01 13:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (14,'Name14','1980-02-17',0xAAB3238922BCC25A6F606EB525FFDC56,'2020-01-01 14:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (15,'Name15','1980-02-18',0x9BF31C7FF062936A96D3C8BD1F8F2FF3,'2020-01-01 15:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (16,'Name16','1980-02-19',0xC74D97B01EAE257E44AA9D5BADE97BAF,'2020-01-01 16:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (17,'Name17','1980-02-20',0x70EFDF2EC9B086079795C442636B55FB,'2020-01-01 17:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (18,'Name18','1980-02-21',0x6F4922F45568161A8CDF4AD2299F6D23,'2020-01-01 18:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (19,'Name19','1980-02-22',0x1F0E3DAD99908345F7439F8FFABDFFC4,'2020-01-01 19:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (20,'Name20','1980-02-23',0x98F13708210194C475687BE6106A3B84,'2020-01-01 20:00:00','2026-11-27 05:37:05.353367');
INSERT INTO `patient` VALUES (21,'Name21','1980-02-24',0x3C59DC048E8850243BE8079A5C74D079,'2020-01-01 21:00:00','2026-11-27 05:37:05.648154');
INSERT INTO `patient` VALUES (22,'Name22','1980-02-25',0xB6D767D2F8ED5D21A44B0E5886680CB9,'2020-01-01 22:00:00','2026-11-27 05:37:05.648154');
INSERT INTO `patient` VALUES (23,'Name23','1980-02-26',0x37693CFC748049E45D87B8C7D8B9AACD,'2020-01-01 23:00:00','2026-11-27 05:37:05.648154');
INSERT INTO `patient` VALUES (24,'Name24','1980-02-27',0x1FF1DE774005F8DA13F42943881C655F,'2020-01-02 00:00:00','2026-11-27 05:37:05.648154');
INSERT INTO `patient` VALUES (25,'Name25','1980-02-28',0x8E296A067A37563370DED05F5A3BF3EC,'2020-01-02 01:00:00','2026-11-27 05:37:05.648154');
INSERT INTO `patient` VALUES (26,'New','0001-01-01',NULL,'2020-02-03 00:00:00','2026-11-27 05:37:07.664784');
DROP TABLE IF EXISTS `preference`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `preference` (
  `PrefName` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `ValueString` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`PrefName`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `preference` VALUES ('ClinicName','Zähne','2026-11-27 05:37:05.066124');
INSERT INTO `preference` VALUES ('Language','fr','2026-11-27 05:37:07.659481');
INSERT INTO `preference` VALUES ('UpdateInProgressOnComputerName','','2026-11-27 05:37:05.066124');
DROP TABLE IF EXISTS `queue`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `queue` (
  `Message` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `Tries` int(11) DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `queue` VALUES ('first',0,'2026-11-27 05:37:07.619404');
INSERT INTO `queue` VALUES ('first',0,'2026-11-27 05:37:07.619404');
DROP TABLE IF EXISTS `rate`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `rate` (
  `RateNum` bigint(20) NOT NULL,
  `Amount` double DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`RateNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `rate` VALUES (1,1,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (2,0.5,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (3,0.333333333,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (4,0.25,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (5,0.2,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (6,0.166666666,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (7,0.142857142,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (8,0.125,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (9,0.111111111,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (10,0.1,'2026-11-27 05:37:05.100098');
INSERT INTO `rate` VALUES (11,0.09090909,'2026-11-27 05:37:05.356775');
INSERT INTO `rate` VALUES (12,0.083333333,'2026-11-27 05:37:05.356775');
DROP TABLE IF EXISTS `securitylog`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `securitylog` (
  `LogNum` bigint(20) NOT NULL,
  `LogText` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `DateTStamp` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  `CompNum` int(11) NOT NULL,
  PRIMARY KEY (`LogNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `securitylog` VALUES (1,'in','2020-01-01 00:00:00','2026-11-27 05:37:07.624722',1);
INSERT INTO `securitylog` VALUES (2,'in','2020-01-01 00:00:00','2026-11-27 05:37:07.624722',1);
INSERT INTO `securitylog` VALUES (3,'in','2020-01-01 00:00:00','2026-11-27 05:37:07.624722',1);
INSERT INTO `securitylog` VALUES (4,'in','2020-01-01 00:00:00','2026-11-27 05:37:07.624722',1);
INSERT INTO `securitylog` VALUES (5,'in','2020-01-01 00:00:00','2026-11-27 05:37:07.624722',1);
INSERT INTO `securitylog` VALUES (6,'later','2020-02-02 00:00:00','2026-11-27 05:37:07.624722',6);
INSERT INTO `securitylog` VALUES (7,'later','2020-02-02 00:00:00','2026-11-27 05:37:07.624722',7);
INSERT INTO `securitylog` VALUES (8,'later','2020-02-02 00:00:00','2026-11-27 05:37:07.624722',8);
INSERT INTO `securitylog` VALUES (9,'later','2020-02-02 00:00:00','2026-11-27 05:37:07.624722',9);
INSERT INTO `securitylog` VALUES (10,'later','2020-02-02 00:00:00','2026-11-27 05:37:07.624722',10);
INSERT INTO `securitylog` VALUES (11,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',11);
INSERT INTO `securitylog` VALUES (12,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',12);
INSERT INTO `securitylog` VALUES (13,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',13);
INSERT INTO `securitylog` VALUES (14,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',14);
INSERT INTO `securitylog` VALUES (15,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',15);
INSERT INTO `securitylog` VALUES (16,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',16);
INSERT INTO `securitylog` VALUES (17,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',17);
INSERT INTO `securitylog` VALUES (18,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',18);
INSERT INTO `securitylog` VALUES (19,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',19);
INSERT INTO `securitylog` VALUES (20,'later','2020-02-02 00:00:00','2026-11-27 05:37:08.142581',20);
DROP TABLE IF EXISTS `tooth`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `tooth` (
  `PatNum` int(11) NOT NULL,
  `Tooth` int(11) NOT NULL,
  `Note` varchar(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`PatNum`,`Tooth`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `tooth` VALUES (1,6,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (1,9,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (2,1,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (2,4,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (2,7,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (3,2,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (3,5,'','2026-11-27 05:37:05.066740');
INSERT INTO `tooth` VALUES (3,8,'','2026-11-27 05:37:05.066740');
DROP TABLE IF EXISTS `userod`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `userod` (
  `UserNum` bigint(20) NOT NULL,
  `UserName` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL,
  `SSN` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'keyed hash',
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  PRIMARY KEY (`UserNum`),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `userod` VALUES (1,'user1','c90b668a525f3dbf19ce5bd809a65b8f20e86c95f149505979bc8bf8e634099d','2026-11-27 05:37:05.066274');
INSERT INTO `userod` VALUES (2,'user2','fd9b2d873c53b1bb5412f31a1014abeb3ca8f9e0e265d2117d70ec6214a75fa9','2026-11-27 05:37:05.066274');
INSERT INTO `userod` VALUES (3,'user3','ff33103e3aca5a9b7ac53a1987b94f974e92a279dc0639e004936ce9481b7310','2026-11-27 05:37:05.066274');
INSERT INTO `userod` VALUES (4,'user4','9daefd634008140bd430c7bbf5f73b4e9d3e7ebc047828335bb7f1e25bccf6a1','2026-11-27 05:37:05.066274');
DROP TABLE IF EXISTS `zipcode`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `zipcode` (
  `Code` varchar(10) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `City` varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `_replicated_at` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  KEY `_replicated_at` (`_replicated_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC;
/*!40101 SET character_set_client = @saved_cs_client */;
INSERT INTO `zipcode` VALUES ('12345','Ulm','2026-11-27 05:37:07.637468');
INSERT INTO `zipcode` VALUES ('12345','Ulm','2026-11-27 05:37:07.637468');
INSERT INTO `zipcode` VALUES (NULL,'','2026-11-27 05:37:07.637468');
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
